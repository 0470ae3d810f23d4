import { isRepeat, type Rule, when } from './rule';

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;
/** No user, no query, no fragment: the places where secrets stand. */
const WEBHOOK = /^https:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/;

/** Without its user, query and fragment, where a secret may stand. */
const shown = (address: string): string => address.replace(/[?#].*/, '?…').replace(/\/\/[^/]*@/, '//…@');

/** Whom alerts reach: addresses that work, with no secret in them, and somebody at all. */
export const notificationsRule: Rule = ({ notifications: { emails, webhooks } }) => [
  ...[emails, webhooks].flatMap((list) =>
    list.flatMap((address, index) =>
      when(isRepeat(list, index), {
        code: 'NOTIFICATION_TWICE',
        key: `notifications.${list === emails ? 'emails' : 'webhooks'}.${index}`,
        got: shown(address),
        reason: 'It is named above already, and each address is one channel.',
        remedy: 'Take this line out.',
      }),
    ),
  ),
  ...emails.flatMap((email, index) =>
    when(!EMAIL.test(email), {
      code: 'NOTIFICATION_EMAIL',
      key: `notifications.emails.${index}`,
      got: email,
      reason: 'It is no address, and Cloud Monitoring finds that out at the apply.',
      remedy: 'Write it like oncall@example.com.',
    }),
  ),
  ...webhooks.flatMap((url, index) =>
    when(!WEBHOOK.test(url), {
      code: 'NOTIFICATION_WEBHOOK',
      key: `notifications.webhooks.${index}`,
      got: shown(url),
      reason:
        "It stands in the repository and in Terraform's state: https, and no user, token or query in it.",
      remedy: 'Post to an address of your own that knows the caller, and let that one hold the secret.',
    }),
  ),
  ...when(emails.length + webhooks.length === 0, {
    code: 'ALERTS_REACH_NOBODY',
    key: 'notifications',
    got: 'nothing',
    reason: 'An alert would be seen by whoever looks into the console, and nobody else.',
    remedy: 'Name an address: notifications: {emails: [oncall@example.com]}.',
    severity: 'warning',
  }),
];
