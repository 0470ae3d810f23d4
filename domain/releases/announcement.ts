import { describeTraffic, type TrafficTarget } from './traffic';

/** The end of a command that decides what serves, for a chat room or a program. */
export interface Announcement {
  readonly deployment: string;
  /** `release`, `rollback`, … */
  readonly command: string;
  readonly outcome: 'done' | 'failed' | 'superseded';
  /** What was done, or what went wrong; one sentence. */
  readonly text: string;
  /** A person or a workflow. */
  readonly by: string;
  /** What `--reason` said. */
  readonly reason?: string;
  /** As the service has it now; undefined where it could not be read. */
  readonly traffic?: readonly TrafficTarget[];
  /** The workflow run's page. */
  readonly runUrl?: string;
}

/** Rooms that take `{text}`: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, https://developers.google.com/workspace/chat/quickstart/webhooks */
const CHAT_HOSTS = ['hooks.slack.com', 'chat.googleapis.com'];

const SIGNS = { done: '✅', failed: '❌', superseded: '⏭️' } as const;

/** What is posted to a webhook: a text for Slack and Google Chat, told by the host; the announcement itself for any other. */
export function webhookBody(url: URL, announcement: Announcement): object {
  return CHAT_HOSTS.includes(url.hostname) ? { text: announcementText(announcement) } : announcement;
}

function announcementText({ outcome, command, deployment, text, by, reason, traffic, runUrl }: Announcement) {
  return [
    `${SIGNS[outcome]} ${command} ${deployment}: ${outcome}`,
    text,
    `by ${by}${reason === undefined ? '' : `: ${reason}`}`,
    ...(traffic ? [`traffic: ${describeTraffic(traffic)}`] : []),
    ...(runUrl === undefined ? [] : [runUrl]),
  ].join('\n');
}
