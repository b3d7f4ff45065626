import { describe, expect, test } from '@jest/globals';
import * as vocabulary from '../../contracts/words/vocabulary';
import { read, section, tableRows, wordOf } from './markdown';

/** The section of the glossary for each closed list. */
const SECTIONS: Readonly<Record<string, string>> = {
  STATUSES: 'Statuses of a task',
  OUTCOMES: 'Outcomes',
  REASONS: 'Reasons',
  ACTIONS: 'Actions',
  SURFACES: 'Surfaces',
  STEP_NAMES: 'Steps',
  REVIEW_STATUSES: 'Statuses of a review',
  CORRECTION_KINDS: 'Kinds of correction',
  ATTEMPT_RESULTS: 'Results of an attempt',
  SCOPES: 'Scopes',
  WEBHOOK_EVENTS: 'Webhook events',
};
const CLASSES_SECTION = 'Classes of every task type';

const lists = Object.entries(vocabulary).filter(([, words]) => Array.isArray(words)) as [string, readonly string[]][];
const singleWords = Object.values(vocabulary).filter(
  (word): word is 'out_of_scope' | 'unclear' => typeof word === 'string',
);

describe('the glossary', () => {
  const glossary = read('docs/glossary.md');
  const wordsIn = (title: string) => tableRows(section(glossary, title)).map(([first]) => wordOf(first));

  test.each(lists)('has a meaning for each word of %s, in its order, and no word besides', (name, words) => {
    expect(wordsIn(SECTIONS[name] ?? `(a section for ${name})`)).toEqual(words);
  });

  test('has the classes that every task type has', () => {
    expect(wordsIn(CLASSES_SECTION)).toEqual(singleWords);
  });

  test('says something of each word', () => {
    const titles = [...Object.values(SECTIONS), CLASSES_SECTION];
    const rows = titles.flatMap((title) => tableRows(section(glossary, title)));
    expect(rows.filter(([, meaning]) => !meaning)).toEqual([]);
  });
});
