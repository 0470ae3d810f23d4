import { invalid } from '../googleError';

/** Label or type → the values that it may have. */
export type Filter = ReadonlyMap<string, ReadonlySet<string>>;

const TERM = /^\s*([\w.]+)\s*=\s*(?:"([^"]*)"|one_of\(\s*("[^"]*"(?:\s*,\s*"[^"]*")*)\s*\))\s*(AND\s+|$)/;

/** `resource.label.x` and `resource.labels.x` are the same key. */
export const labelKey = (key: string) => key.replace(/^(resource|metric)\.label\./, '$1.labels.');

/**
 * Reads `key = "value"` and `key = one_of("a", "b")` joined by AND, the part of the filter grammar that releases use
 * (https://cloud.google.com/monitoring/api/v3/filters). Anything else is a 400 that quotes it.
 */
export function parseFilter(text: string): Filter {
  const filter = new Map<string, ReadonlySet<string>>();
  let rest = text;
  while (rest !== '') {
    const [term, key = '', single, several = '', joint] = TERM.exec(rest) ?? [];
    if (term === undefined) throw invalid(`filter: the local cloud cannot read "${rest}".`);
    if (!/^((metric|resource)\.type|(metric|resource)\.labels?\.\w+)$/.test(key)) {
      throw invalid(`filter: "${key}" is no key of a time series.`);
    }
    filter.set(labelKey(key), new Set(single === undefined ? several.match(/[^",\s][^"]*(?=")/g) : [single]));
    rest = rest.slice(term.length);
    if (joint && rest === '') throw invalid('filter: a term is missing after AND.');
  }
  if (filter.get('metric.type')?.size !== 1)
    throw invalid('filter: metric.type must name exactly one metric.');
  return filter;
}
