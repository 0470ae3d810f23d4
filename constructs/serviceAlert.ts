import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { Construct } from 'constructs';
import { type Alert, type AlertCondition, alertName, runbook } from '../domain/monitoring/alerts';
import { type Aggregation, metricFilter } from '../domain/monitoring/cloudRunMetrics';
import type { Deployment } from '../domain/deployment';

export interface ServiceAlertProps {
  readonly deployment: Deployment;
  readonly alert: Alert;
  /** Names of notification channels; none: the alert is seen in the console alone. */
  readonly channels: readonly string[];
}

/** An incident closes itself this long after its last sample; 30 minutes are the least that the API takes. */
const AUTO_CLOSE = '1800s';

/** An alert policy on the service. Address: `google_monitoring_alert_policy.ID`. */
export class ServiceAlert extends Construct {
  constructor(scope: Construct, id: string, { deployment, alert, channels }: ServiceAlertProps) {
    super(scope, id);
    const policy = new MonitoringAlertPolicy(this, 'Default', {
      displayName: alertName(deployment, alert),
      combiner: 'AND',
      severity: alert.severity,
      conditions: alert.conditions.map((condition) => conditionBlock(deployment, condition)),
      notificationChannels: [...channels],
      alertStrategy: { autoClose: AUTO_CLOSE },
      documentation: { content: runbook(alert, deployment), mimeType: 'text/markdown', subject: alert.title },
    });
    policy.overrideLogicalId(id);
  }
}

function conditionBlock(deployment: Deployment, condition: AlertCondition) {
  const { name, metric, labels, ofAll, above, forSeconds } = condition;
  const aggregations = [aggregationBlock(condition.aggregation)];
  return {
    displayName: name,
    conditionThreshold: {
      filter: metricFilter(deployment, metric, labels),
      aggregations,
      ...(ofAll && {
        denominatorFilter: metricFilter(deployment, metric),
        denominatorAggregations: aggregations,
      }),
      comparison: 'COMPARISON_GT',
      thresholdValue: above,
      duration: `${forSeconds}s`,
      trigger: { count: 1 },
      // At zero instances samples stop. The API takes it with a duration only.
      ...(forSeconds > 0 && { evaluationMissingData: 'EVALUATION_MISSING_DATA_INACTIVE' }),
    },
  };
}

function aggregationBlock({ alignmentSeconds, aligner, reducer }: Aggregation) {
  return { alignmentPeriod: `${alignmentSeconds}s`, perSeriesAligner: aligner, crossSeriesReducer: reducer };
}
