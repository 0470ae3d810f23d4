import { layoutMarkdown, layoutOf } from '../../../domain/text/grounding';
import { groundedPage } from '../../../rehearsal/vllm/grounding';

describe('groundedPage', () => {
  test('is read back as the text, with its blocks one below the other', () => {
    const layout = layoutOf(groundedPage('One\nline\n\nTwo\n\n\nThree'));
    expect(layoutMarkdown(layout)).toBe('One\nline\n\nTwo\n\nThree');
    const bottoms = layout.blocks.map(({ bbox: [, , , bottom] }) => bottom);
    expect(bottoms).toEqual([...bottoms].sort((a, b) => a - b));
    expect(layout.blocks.at(-1)?.label).toBe('page_number');
  });
});
