import { isSecretFlag } from '../plan/unmarkedSecrets';
import { isOurVariable } from '../template';
import { type Rule, when } from './rule';

/** What Cloud Run sets itself: https://cloud.google.com/run/docs/container-contract#env-vars. */
const RESERVED = /^(PORT|K_SERVICE|K_REVISION|K_CONFIGURATION|CLOUD_RUN_\w+|X_GOOGLE_\w*)$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create */
const SECRET_ID = /^[A-Za-z0-9_-]{1,255}$/;
/** Cloud Run: 32 KiB for one variable. */
const MAX_BYTES = 32 * 1024;

/** Variables of the container, and secrets in them. */
export const environmentRule: Rule = ({ env, secrets }) => {
  const named = [
    ...Object.keys(env).map((name) => ({ name, key: `env.${name}` })),
    ...Object.keys(secrets).map((name) => ({ name, key: `secrets.${name}` })),
  ];
  return [
    ...named.flatMap(({ name, key }) => [
      ...when(!NAME.test(name) || RESERVED.test(name), {
        code: 'ENV_NAME',
        key,
        got: name,
        reason: RESERVED.test(name)
          ? 'Cloud Run sets it itself.'
          : 'A name has letters, digits and underscores, and no digit first.',
        remedy: 'Take another name.',
      }),
      ...when(isOurVariable(name), {
        code: 'ENV_OURS',
        key,
        got: name,
        reason: 'The profile sets it, for reasons of its own: domain/template.ts.',
        remedy: 'Take it out.',
      }),
    ]),
    ...Object.keys(env).flatMap((name) => [
      ...when(Object.hasOwn(secrets, name), {
        code: 'ENV_TWICE',
        key: `env.${name}`,
        got: name,
        reason: 'It stands under env and under secrets.',
        remedy: 'Keep one.',
      }),
      ...when(isSecretFlag(name), {
        code: 'ENV_SECRET',
        key: `env.${name}`,
        got: name,
        reason:
          'By its name it is a secret, and its value would stand in this file, in the state and in plans.',
        remedy: `Put it into Secret Manager, and write secrets: {${name}: {secret: NAME, version: '1'}}.`,
        severity: 'warning',
      }),
      ...when(Buffer.byteLength(env[name]!) > MAX_BYTES, {
        code: 'ENV_TOO_LONG',
        key: `env.${name}`,
        got: `${Buffer.byteLength(env[name]!)} bytes`,
        reason: `Cloud Run takes ${MAX_BYTES} bytes of one variable.`,
        remedy: 'Shorten it.',
      }),
    ]),
    ...Object.entries(secrets).flatMap(([name, { secret, version }]) => [
      ...when(!SECRET_ID.test(secret), {
        code: 'SECRET_NAME',
        key: `secrets.${name}.secret`,
        got: secret,
        reason: "It is the name of a secret in the deployment's own project: letters, digits, _ and -.",
        remedy: 'Write its name alone: gcloud secrets list.',
      }),
      ...when(!/^(latest|[1-9]\d*)$/.test(version), {
        code: 'SECRET_VERSION',
        key: `secrets.${name}.version`,
        got: version,
        reason: 'A version is a number, or latest.',
        remedy: `Write its number: gcloud secrets versions list ${secret}.`,
      }),
      ...when(version === 'latest', {
        code: 'SECRET_LATEST',
        key: `secrets.${name}.version`,
        got: version,
        reason:
          'It is read when an instance starts: instances of one revision may have different values, and no rollback brings the old one back.',
        remedy: `Write its number: gcloud secrets versions list ${secret}.`,
        severity: 'warning',
      }),
    ]),
  ];
};
