import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Failure, messageOf } from '../domain/failure';
import { DEFAULT_GPU, GPU_IDS, GPU_KINDS } from '../domain/gpus';
import { type BuildPrices, type PriceList, PRICES, type Prices } from '../domain/cost/prices';
import { counted } from '../domain/words';
import { parseYaml } from './load';

const usd = z.number().min(0);
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'expected a month, YYYY-MM');
const region = z.enum([
  ...new Set(Object.values(GPU_KINDS).flatMap(({ regions }) => regions.map((known) => known.region))),
]);

/** A file of prices: regions of it replace those of the table, and so does each price of `build`. */
const priceFileSchema = z.strictObject({
  asOf: month,
  source: z.string().min(1),
  regions: z
    .partialRecord(
      region,
      z.strictObject({
        gpu: z.enum(GPU_IDS).default(DEFAULT_GPU.id),
        gpuSecond: usd,
        gpuSecondZonalRedundancy: usd,
        vcpuSecond: usd,
        gibSecond: usd,
      }),
    )
    .default({}),
  build: z
    .strictObject({ buildMinute: usd, registryGbMonth: usd, imageScan: usd } satisfies Record<
      keyof Omit<BuildPrices, 'asOf'>,
      z.ZodType
    >)
    .partial()
    .default({}),
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(
      {
        code: 'NO_PRICE_FILE',
        message: `The file of prices cannot be read: ${messageOf(error)}`,
        where: file,
        remedy: 'name one that is there; docs/gpu-service-cost.md shows its form',
        exitCode: 2,
      },
      { cause: error },
    );
  }
}

type RegionPrices = Exclude<z.infer<typeof priceFileSchema>['regions'][keyof object], undefined>;

/** A region of the file has the price of one GPU, an L4 where it names none. */
function pricesOf(asOf: string, given: RegionPrices): Prices {
  const { gpu, gpuSecond: second, gpuSecondZonalRedundancy, vcpuSecond, gibSecond } = given;
  return {
    asOf,
    gpus: { [gpu]: { second, secondZonalRedundancy: gpuSecondZonalRedundancy } },
    vcpuSecond,
    gibSecond,
  };
}

/**
 * The price table with a file over it.
 * @throws Failure, exit code 2: `NO_PRICE_FILE`, `BAD_YAML`, `INVALID_PRICES` (everything that is wrong, together).
 */
export function loadPrices(file: string): PriceList {
  const parsed = priceFileSchema.safeParse(parseYaml(read(file), file));
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || 'file'}: ${message}`);
    throw new Failure({
      code: 'INVALID_PRICES',
      message: `${counted(wrong.length, 'problem')} in the prices:\n${wrong.join('\n')}`,
      where: file,
      remedy: 'correct each; docs/gpu-service-cost.md shows the form of the file',
      exitCode: 2,
    });
  }
  const { asOf, source, regions, build } = parsed.data;
  const dated = Object.entries(regions).map(([name, prices]) => [name, pricesOf(asOf, prices!)]);
  return {
    source: `${source}; where it says nothing, ${PRICES.source}`,
    regions: { ...PRICES.regions, ...(Object.fromEntries(dated) as PriceList['regions']) },
    build: { ...PRICES.build, ...build, ...(Object.keys(build).length > 0 && { asOf }) },
  };
}
