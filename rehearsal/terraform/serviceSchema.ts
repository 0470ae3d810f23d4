/**
 * `google_cloud_run_v2_service` of the google provider 6.50.0, as far as a service with a GPU needs it
 * (source: the provider's resource_cloud_run_v2_service.go). What is not here is refused as an unknown argument.
 */
export interface Leaf {
  readonly kind: 'string' | 'int' | 'bool' | 'strings' | 'map';
}
export interface Block {
  readonly kind: 'block';
  readonly fields: Fields;
  /** A list in the API too; else Terraform's list of one is an object there. */
  readonly repeated: boolean;
  /** In no order of its own: kept in that of this attribute. */
  readonly orderedBy?: string;
}
export type Field = (Leaf | Block) & {
  /** `kept`: left out of the configuration, it stays as it is in the cloud. `computed`: the cloud's alone. */
  readonly mode: 'optional' | 'kept' | 'computed';
  readonly required?: true;
  readonly default?: unknown;
  /** Not a field of the API's message of that name: the provider treats it by hand. */
  readonly byHand?: true;
  /** Sent as null when it is not set. */
  readonly nullable?: true;
};
export type Fields = Readonly<Record<string, Field>>;

const string: Field = { kind: 'string', mode: 'optional' };
const int: Field = { kind: 'int', mode: 'optional' };
const bool: Field = { kind: 'bool', mode: 'optional' };
const strings: Field = { kind: 'strings', mode: 'optional' };
const map: Field = { kind: 'map', mode: 'optional' };
const one = (fields: Fields): Field => ({ kind: 'block', fields, repeated: false, mode: 'optional' });
const many = (fields: Fields, orderedBy?: string): Field => ({
  kind: 'block',
  fields,
  repeated: true,
  orderedBy,
  mode: 'optional',
});
const kept = (field: Field): Field => ({ ...field, mode: 'kept' });
const computed = (field: Field): Field => ({ ...field, mode: 'computed' });
const required = (field: Field): Field => ({ ...field, required: true });
const byHand = (field: Field): Field => ({ ...field, byHand: true });
const or = (field: Field, value: unknown): Field => ({ ...field, default: value });
const orNull = (field: Field): Field => ({ ...field, nullable: true });

const probe = one({
  failure_threshold: or(int, 3),
  grpc: orNull(one({ port: kept(int), service: string })),
  http_get: orNull(
    one({
      http_headers: many({ name: required(string), value: or(string, '') }),
      path: or(string, '/'),
      port: kept(int),
    }),
  ),
  initial_delay_seconds: or(int, 0),
  period_seconds: or(int, 10),
  tcp_socket: orNull(one({ port: required(int) })),
  timeout_seconds: or(int, 1),
});
const container: Fields = {
  args: strings,
  command: strings,
  env: many(
    {
      name: required(string),
      value: or(string, ''),
      value_source: one({ secret_key_ref: one({ secret: required(string), version: or(string, 'latest') }) }),
    },
    'name',
  ),
  image: required(string),
  name: string,
  ports: kept(many({ container_port: int, name: kept(string) })),
  resources: kept(one({ cpu_idle: bool, limits: kept(map), startup_cpu_boost: bool })),
  startup_probe: kept(probe),
  working_dir: string,
};
const target: Fields = { percent: kept(int), revision: string, tag: string, type: string };
const condition: Fields = {
  message: string,
  reason: string,
  revision_reason: string,
  state: string,
  type: string,
};

export const SERVICE: Fields = {
  annotations: byHand(map),
  client: string,
  client_version: string,
  conditions: computed(many(condition)),
  create_time: computed(string),
  creator: computed(string),
  custom_audiences: strings,
  deletion_protection: byHand(or(bool, true)),
  description: string,
  effective_annotations: byHand(computed(map)),
  effective_labels: byHand(computed(map)),
  etag: computed(string),
  generation: computed(string),
  id: byHand(computed(string)),
  ingress: kept(string),
  invoker_iam_disabled: bool,
  labels: byHand(map),
  last_modifier: computed(string),
  latest_created_revision: computed(string),
  latest_ready_revision: computed(string),
  launch_stage: kept(string),
  location: byHand(required(string)),
  name: byHand(required(string)),
  observed_generation: computed(string),
  project: byHand(kept(string)),
  reconciling: computed(bool),
  scaling: one({ manual_instance_count: int, min_instance_count: int, scaling_mode: string }),
  template: required(
    one({
      annotations: map,
      containers: many(container),
      encryption_key: string,
      execution_environment: string,
      gpu_zonal_redundancy_disabled: bool,
      labels: map,
      max_instance_request_concurrency: kept(int),
      node_selector: one({ accelerator: required(string) }),
      revision: string,
      scaling: kept(one({ max_instance_count: int, min_instance_count: int })),
      service_account: kept(string),
      session_affinity: bool,
      timeout: kept(string),
    }),
  ),
  terminal_condition: computed(one(condition)),
  terraform_labels: byHand(computed(map)),
  traffic: kept(many(target)),
  traffic_statuses: computed(many({ ...target, uri: string })),
  uid: computed(string),
  update_time: computed(string),
  uri: computed(string),
  urls: computed(strings),
};
