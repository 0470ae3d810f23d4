import type { Deployment } from '../deployment';
import { modelNamed } from '../models';
import { largestImageTokens } from '../models/geometry';
import { pageRule } from '../rules/page';
import { anyOf, matchesIn, type Pattern, release, shown } from './evidence';
import { passesRules, settingsOf } from './smallerSettings';
import type { Case, Change } from './symptoms';

const TOO_LONG: Pattern = {
  words:
    /The (?:decoder )?prompt \((?:total )?length \d+\) is (?:too long to fit into the model \(context length \d+\)|longer than the maximum model length of \d+)|Input length \(\d+\) exceeds model's maximum context length \(\d+\)/,
  source: 'https://github.com/vllm-project/vllm/issues/12165; real vLLM 0.30.0 on a CPU',
};
const REFUSED: Pattern = {
  words: /^POST \S{0,100}\/v1\/chat\/completions 400(?: in [\d.]+ s)?/,
  source: 'the request log',
};

/** Pages come back without their end, or are refused: the context does not hold the page with its text. */
export const pagesCut: Case = ({ deployment, revisions, lines }) =>
  revisions.flatMap((revision) => {
    if (revision.ready !== 'yes') return [];
    const settings = settingsOf(deployment, revision.args);
    const [problem] = pageRule(settings).filter(({ key }) => key === 'vllm.maxModelLen');
    const said = anyOf(lines, revision, [TOO_LONG]);
    const refused = matchesIn(lines, revision, REFUSED);
    if (!problem && said.length === 0) return [];
    const rejects = problem?.code !== 'PAGE_TEXT_CUT';
    return [
      {
        id: 'pages-cut',
        what: rejects
          ? `Pages do not fit the context of ${settings.vllm.maxModelLen} tokens: vLLM refuses them.`
          : `Dense pages are cut: a context of ${settings.vllm.maxModelLen} tokens holds the page, not all of its text.`,
        certainty: said.length > 0 ? 'named' : refused.length > 0 && rejects ? 'inferred' : 'setting',
        because: problem?.reason ?? 'vLLM says so.',
        revision: revision.name,
        evidence: [
          ...(problem ? [{ where: `${revision.name} --max-model-len`, text: problem.got }] : []),
          ...shown([...said, ...(rejects ? refused : [])]),
        ],
        remedies: [
          holdsPage(settings),
          {
            does: 'the client names pages that were cut (finish_reason length)',
            command: `bin/lightonocr ocr ${deployment.name} PAGE.pdf --format json`,
          },
          release(deployment),
        ],
      },
    ];
  });

/** Contexts are written in multiples of this. */
const STEP = 1024;

/** The shortest context that holds the largest page with its text, with as many pages at a time as the GPU then holds. */
function holdsPage(before: Deployment): { does: string; change?: Change } {
  const { model, page, vllm, scaling } = before;
  const needed = largestImageTokens(page.longestSidePixels, modelNamed(model.id)) + page.textTokens;
  const maxModelLen = Math.ceil(needed / STEP) * STEP;
  for (let maxNumSeqs = vllm.maxNumSeqs; maxNumSeqs >= 1; maxNumSeqs--) {
    const fewer = maxNumSeqs < vllm.maxNumSeqs;
    const concurrency = Math.min(scaling.concurrency, 2 * maxNumSeqs);
    const change: Change = {
      vllm: { maxModelLen, ...(fewer && { maxNumSeqs }) },
      ...(fewer && { scaling: { concurrency } }),
    };
    const after = {
      ...before,
      vllm: { ...vllm, maxModelLen, maxNumSeqs },
      scaling: fewer ? { ...scaling, concurrency } : scaling,
    };
    if (passesRules(before, after))
      return { does: `a context of ${maxModelLen} holds ${needed} tokens of page and text`, change };
  }
  return {
    does: `a context of ${maxModelLen} would hold the page, and something else in the file breaks a rule: npm run synth`,
  };
}
