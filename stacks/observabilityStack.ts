import { MonitoringDashboard } from '@cdktf/provider-google/lib/monitoring-dashboard';
import type { Construct } from 'constructs';
import { NotificationChannels } from '../constructs/notificationChannels';
import { ServiceAlert } from '../constructs/serviceAlert';
import { alerts } from '../domain/monitoring/alerts';
import { dashboard } from '../domain/monitoring/dashboard';
import type { Deployment } from '../domain/deployment';
import { BaseStack } from './baseStack';

/** Who is told when the service is in trouble, and what a person looks at then; a person applies it. */
export class ObservabilityStack extends BaseStack {
  constructor(scope: Construct, deployment: Deployment) {
    super(scope, 'observability', deployment);
    const { names } = new NotificationChannels(this, 'notify', deployment.notifications);
    for (const alert of alerts(deployment)) {
      new ServiceAlert(this, `alert_${alert.id}`, { deployment, alert, channels: names });
    }
    new MonitoringDashboard(this, 'dashboard', { dashboardJson: JSON.stringify(dashboard(deployment)) });
  }
}
