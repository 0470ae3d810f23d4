import { ApiError, type CloudRunApi } from './cloudRunApi';
import type { Outcome, Resource } from './resources';
import { fromApi, plannedValues, toApi } from './schemaValues';
import { SERVICE } from './serviceSchema';
import { TerraformError } from './terraformError';
import { type Attributes, isEmpty, isObject, type Json, UNKNOWN } from './values';

const ATTRIBUTION = { 'goog-terraform-provisioned': 'true' };

/**
 * `google_cloud_run_v2_service` as the google provider 6.50.0 was measured to treat it, its traps included:
 * an update is one PATCH of everything, without mask and etag, with the traffic that the plan holds; a failed update is
 * stored as if it had worked; a failed create is stored for the engine of Terraform to taint.
 * @param project of the provider block, for services that name none.
 */
export function cloudRunService(api: CloudRunApi, project: string | undefined, address: string): Resource {
  const read = async (planned: Attributes): Promise<Attributes> =>
    attributesOf(await api.call('GET', pathOf(planned)), planned);
  const refresh = async (state: Attributes): Promise<Attributes | undefined> => {
    try {
      return await read(state);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw during(`Error when reading or editing CloudRunV2Service "${pathOf(state)}"`, error);
    }
  };
  return {
    replacedBy: ['name', 'location', 'project'],
    plan: (written, prior) => {
      const values = plannedValues(SERVICE, written, prior, address);
      if (values.project === UNKNOWN) values.project = project ?? missingProject();
      return { ...values, ...plannedLabels(values, prior) };
    },
    refresh,
    // The provider sets the one attribute that no API knows.
    read: (id) => {
      const [, inProject, location, name] =
        /^projects\/([^/]+)\/locations\/([^/]+)\/services\/([^/]+)$/.exec(id) ?? [];
      return refresh({ project: inProject, location, name, deletion_protection: true });
    },
    create: async (planned) => {
      const path = pathOf(planned);
      let operation: Json;
      try {
        const query = `?serviceId=${encodeURIComponent(String(planned.name))}`;
        operation = await api.call('POST', path.replace(/\/[^/]+$/, query), bodyOf(planned));
      } catch (error) {
        return { failure: during('Error creating Service', error) };
      }
      return finish({ ...planned, id: path }, async () => {
        await api.wait(operation, 'Creating Service').catch((error: unknown) => {
          throw during('Error waiting to create Service', error);
        });
        return read(planned);
      });
    },
    update: (planned) =>
      finish(planned, async () => {
        const path = pathOf(planned);
        const operation = await api.call('PATCH', path, bodyOf(planned)).catch((error: unknown) => {
          throw during(`Error updating Service "${path}"`, error);
        });
        await api.wait(operation, 'Updating Service');
        return read(planned);
      }),
    remove: (state) =>
      finish(state, async () => {
        if (state.deletion_protection === true) {
          throw new TerraformError(
            'cannot destroy service without setting deletion_protection=false and running `terraform apply`',
          );
        }
        await api.wait(await api.call('DELETE', pathOf(state)), 'Deleting Service');
        return undefined;
      }),
  };
}

/** Runs a change; when it fails, the state gets `stored` all the same: that is what the provider does. */
async function finish(stored: Attributes, change: () => Promise<Attributes | undefined>): Promise<Outcome> {
  try {
    return { attributes: await change() };
  } catch (failure) {
    return { attributes: stored, failure };
  }
}

function pathOf(values: Attributes): string {
  return `projects/${String(values.project)}/locations/${String(values.location)}/services/${String(values.name)}`;
}

function bodyOf(planned: Attributes): Json {
  const body = toApi(SERVICE, planned);
  for (const key of ['labels', 'annotations']) {
    const value = planned[`effective_${key}`];
    if (!isEmpty(value) && value !== UNKNOWN) body[key] = value;
  }
  return body;
}

/** Labels are the configuration's alone; what others have put on the service stays (`effective_labels`). */
function plannedLabels(values: Attributes, prior: Attributes | undefined): Attributes {
  const terraformLabels = { ...asMap(values.labels), ...ATTRIBUTION };
  return {
    terraform_labels: terraformLabels,
    effective_labels: { ...without(prior?.effective_labels, prior?.terraform_labels), ...terraformLabels },
    effective_annotations:
      prior === undefined && isEmpty(values.annotations)
        ? UNKNOWN
        : { ...without(prior?.effective_annotations, prior?.annotations), ...asMap(values.annotations) },
  };
}

/** What the API says, with the attributes that only Terraform knows taken from the plan or the state. */
function attributesOf(message: Json, known: Attributes): Attributes {
  const labels = asMap(message.labels);
  const annotations = asMap(message.annotations);
  const { name, location, project, deletion_protection } = known;
  return {
    ...fromApi(SERVICE, message),
    ...{ name, location, project, deletion_protection, id: pathOf(known) },
    labels: pick(labels, known.labels),
    terraform_labels: pick(labels, known.terraform_labels),
    effective_labels: labels,
    annotations: pick(annotations, known.annotations),
    effective_annotations: annotations,
  };
}

function during(doing: string, error: unknown): unknown {
  return error instanceof TerraformError ? new TerraformError(`${doing}: ${error.summary}`) : error;
}

function missingProject(): never {
  throw new TerraformError('project: required field is not set');
}

function asMap(value: unknown): Json {
  return isObject(value) ? value : {};
}

function pick(from: Json, keys: unknown): Json {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key in asMap(keys)));
}

function without(from: unknown, keys: unknown): Json {
  return Object.fromEntries(Object.entries(asMap(from)).filter(([key]) => !(key in asMap(keys))));
}
