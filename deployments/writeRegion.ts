import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

/** Writes `region` into a deployment's file; comments and everything else stay as they are. */
export function writeRegion(name: string, region: string, directory = __dirname): void {
  const path = join(directory, `${name}.yaml`);
  const document = parseDocument(readFileSync(path, 'utf8'));
  document.set('region', region);
  writeFileSync(path, document.toString({ lineWidth: 0 }));
}
