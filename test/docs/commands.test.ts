import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { addInboxCommands } from '../../cli/inbox/inboxCommands';
import { addKeyCommands } from '../../cli/keyCommands';
import { addMemberCommands } from '../../cli/memberCommands';
import { addProcessCommands } from '../../cli/processCommands';
import { addTaskCommands } from '../../cli/taskCommands';
import { markdownFiles, read, ROOT } from './markdown';

/** Each line of a code block that runs the command, without what follows a `#`, in words as a shell makes them. */
function commandsIn(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^ *npx countersign ([^\n]*)$/gm)].map(([, line = '']) =>
    [...line.replace(/ +#.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
      ([, one, two, bare]) => one ?? two ?? bare ?? '',
    ),
  );
}

/** What the command would say before it does anything; null where it is asked rightly. */
function refusalOf(words: readonly string[]): string | null {
  const program = new Command('countersign').exitOverride().configureOutput({ writeErr: () => undefined });
  for (const add of [addInboxCommands, addKeyCommands, addMemberCommands, addProcessCommands, addTaskCommands])
    add(program);
  withoutActions(program);
  try {
    program.parse(words, { from: 'user' });
    return null;
  } catch (error) {
    return String(error);
  }
}

function withoutActions(command: Command): void {
  for (const each of command.commands) {
    each
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .action(() => undefined);
    withoutActions(each);
  }
}

describe('the commands that the documentation shows', () => {
  test('can be given as they stand there', () => {
    const shown = markdownFiles(ROOT).flatMap((file) => commandsIn(read(file)).map((words) => ({ file, words })));
    expect(shown.length).toBeGreaterThan(10);
    const refused = shown.flatMap(({ file, words }) => {
      const refusal = refusalOf(words);
      return refusal === null ? [] : [`${file}: ${words.join(' ')}: ${refusal}`];
    });
    expect(refused).toEqual([]);
  });

  test.each([
    ['inbox decline rev_1', '--reason'],
    ['inbox revise rev_1', '--guidance'],
    ['inbox correct rev_1 rev_2', 'too many arguments'],
    ['inbox approve rev_1 --no-such-option', '--no-such-option'],
  ])('would be refused as `%s`', (line, because) => {
    expect(refusalOf(commandsIn(`npx countersign ${line}`)[0] ?? [])).toContain(because);
  });
});
