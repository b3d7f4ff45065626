import { stringify } from 'yaml';

/**
 * A JSON value as a person reads it: YAML, which shows texts of several lines as they are and needs no braces. Indented by
 * `indent` blanks. The value must be fit for a terminal already.
 */
export function readable(value: unknown, indent = 2): string {
  const text = stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(indent));
}

/** Evidence, a flat record, on one line. */
export function evidenceWords(evidence: Readonly<Record<string, unknown>>): string {
  return Object.entries(evidence)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') || 'none' : String(value ?? 'none')}`)
    .join(' · ');
}
