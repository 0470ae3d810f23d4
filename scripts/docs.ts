import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS } from '../domain/models';
import { capacityPage } from './capacity-page';
import { configurationPage, jsonSchema } from './configuration-page';
import type { GeneratedPage } from './generated';
import { identitiesPage } from './identities-page';

/** What editors check `deployments/*.yaml` with: the same schema that synth reads them by. */
const editorSchema: GeneratedPage = {
  file: join(__dirname, '..', 'deployments', 'deployment.schema.json'),
  text: () => `${JSON.stringify(jsonSchema(), null, 2)}\n`,
};

/** The table of models for the Python client: page size and sampling, the default first. */
const pythonModels: GeneratedPage = {
  file: join(__dirname, '..', 'clients/python/src/lightonocr_client/models.json'),
  text: () => {
    const entries = MODELS.map(({ id, grid, sampling, textTokens }) => ({
      id,
      longest_side_pixels: grid.longestSidePixels,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      max_tokens: textTokens,
    }));
    return `${JSON.stringify(entries, null, 2)}\n`;
  },
};

/** Every file that is made from code, in part or as a whole; a test holds each current. */
export const GENERATED: readonly GeneratedPage[] = [
  capacityPage,
  configurationPage,
  identitiesPage,
  editorSchema,
  pythonModels,
];

/** `npm run docs`: writes them all. */
export function main(): void {
  for (const { file, text } of GENERATED) {
    let current = '';
    try {
      current = readFileSync(file, 'utf8');
    } catch {
      // A whole file is made anew; a page without its marks throws below.
    }
    writeFileSync(file, text(current));
  }
}
