import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** All Markdown files of the project below `root`, by their path from there. What is installed or hidden is left out. */
export function markdownFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(root, path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

export function read(path: string, root = ROOT): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The text without code blocks, in which nothing is a link or a heading. */
export function withoutCodeBlocks(text: string): string {
  return text.replaceAll(/^( *)```.*?^\1```$/gms, '');
}

/** What the inline code of a text says, `like this`. */
export function inlineCode(text: string): string[] {
  return [...withoutCodeBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

/** Links and pictures that lead to a place of the repository: `file.md#section`, `#section`, `picture.svg`. */
export function relativeLinks(text: string): string[] {
  const prose = withoutCodeBlocks(text).replaceAll(/`[^`\n]+`/g, '');
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map((match) => match[1] ?? '');
  const quoted = [...prose.matchAll(/<(?:img|a|source)\b[^>]*\b(?:src|href|srcset)="([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  return [...inline, ...quoted].filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** The names under which the headings of a text can be linked to, by GitHub's rule. */
export function anchors(text: string): string[] {
  const titles = [...withoutCodeBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)].map((match) => match[1] ?? '');
  const seen = new Map<string, number>();
  return titles.map((title) => {
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** Each link that leads nowhere, as `file: target`. */
export function brokenLinks(root: string): string[] {
  return markdownFiles(root).flatMap((file) => {
    const text = read(file, root);
    return relativeLinks(text)
      .filter((target) => !leadsSomewhere(root, { file, text, target }))
      .map((target) => `${file}: ${target}`);
  });
}

function leadsSomewhere(root: string, { file, text, target }: { file: string; text: string; target: string }): boolean {
  const [path = '', anchor] = target.split('#');
  const to = path === '' ? join(root, file) : join(root, dirname(file), decodeURIComponent(path));
  const isInside = !relative(root, to).startsWith('..');
  if (!isInside || !existsSync(to)) return false;
  if (anchor === undefined) return true;
  if (statSync(to).isDirectory() || !to.endsWith('.md')) return false;
  return anchors(path === '' ? text : readFileSync(to, 'utf8')).includes(anchor);
}

/** The part of a text under one heading of the second level; throws where there is none. */
export function section(text: string, title: string): string {
  const parts = text.split(/^## /m).slice(1);
  const part = parts.find((each) => each.split('\n', 1)[0] === title);
  if (part === undefined) throw new Error(`there is no section "${title}"`);
  return part.slice(title.length);
}

/** The cells of the tables in a text, row by row, without headings and rules. */
export function tableRows(text: string): string[][] {
  const lines = text.split('\n');
  const isRule = (line: string | undefined) => /^\|[\s:|-]+\|$/.test(line ?? '');
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** The first code of a cell: `word` of "`word` *". */
export function wordOf(cell: string | undefined): string {
  return /`([^`]+)`/.exec(cell ?? '')?.[1] ?? '';
}
