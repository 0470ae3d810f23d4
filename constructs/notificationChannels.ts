import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel';
import { Construct } from 'constructs';

export interface NotificationChannelsProps {
  readonly emails: readonly string[];
  /** Posted to without a secret. */
  readonly webhooks: readonly string[];
}

/** Where alerts go: one channel an address. */
export class NotificationChannels extends Construct {
  /** For alert policies; references. */
  readonly names: readonly string[];

  constructor(scope: Construct, id: string, { emails, webhooks }: NotificationChannelsProps) {
    super(scope, id);
    const channel = (type: string, address: string, labels: Record<string, string>) =>
      new MonitoringNotificationChannel(this, address, {
        displayName: address,
        type,
        labels,
        // A channel that is taken out is let go by the policies first; the API refuses to delete one that is in use.
        lifecycle: { createBeforeDestroy: true },
      }).name;
    this.names = [
      ...emails.map((address) => channel('email', address, { email_address: address })),
      ...webhooks.map((url) => channel('webhook_tokenauth', url, { url })),
    ];
  }
}
