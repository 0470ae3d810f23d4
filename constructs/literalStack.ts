import { Lazy, Token, type TerraformElement, TerraformStack } from 'cdktf';

/** What cdktf puts into a string for a reference that it writes at synth. */
const REFERENCE = /\$\{TfToken\[[^\]]*\]\}/g;

/**
 * A stack in which every string is text. Terraform reads each string of `cdk.tf.json` as a template and evaluates its `${…}`
 * and `%{…}` on the machine that plans; here they are escaped (https://developer.hashicorp.com/terraform/language/syntax/json),
 * so that what a deployment says reaches the plan letter by letter. References of cdktf stay, and `expression()` is the one
 * way to write another.
 */
export class LiteralStack extends TerraformStack {
  private readonly escaped = new WeakSet<TerraformElement>();

  override toTerraform(): unknown {
    for (const element of this.node.findAll()) {
      if (!hasAttributes(element) || this.escaped.has(element)) continue;
      this.escaped.add(element);
      const written = element.synthesizeAttributes.bind(element);
      element.synthesizeAttributes = () => literal(written());
    }
    return super.toTerraform();
  }
}

/** Terraform's own language, deliberately: `expression('path.module')`. Never of a deployment's text. */
export function expression(code: string): string {
  return Lazy.stringValue({ produce: () => `\${${code}}` });
}

type Written = TerraformElement & { synthesizeAttributes(): Record<string, unknown> };

/** Resources, data, providers, backends and outputs; cdktf declares the method on each, `protected`. */
function hasAttributes(element: unknown): element is Written {
  return typeof (element as Partial<Written>).synthesizeAttributes === 'function';
}

/** The same values with every text in them escaped; what cdktf resolves later is left to it. */
function literal<T>(value: T): T {
  if (typeof value === 'string') return escapeText(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => literal(item)) as T;
  if (value === null || typeof value !== 'object' || Token.isUnresolved(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)])) as T;
}

function escapeText(text: string): string {
  const references = text.match(REFERENCE) ?? [];
  return text
    .split(REFERENCE)
    .map((part) => part.replace(/[$%](?=\{)/g, '$&$&') + (references.shift() ?? ''))
    .join('');
}
