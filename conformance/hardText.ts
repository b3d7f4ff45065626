/** Letters with their marks apart and joined, a family of joined signs, both ends of lines, spaces at the end, quotes, escapes. */
export const HARD_TEXT =
  'e\u0301 and \u00e9, \u{1F469}\u200D\u{1F469}\u200D\u{1F466}, \u05d0\u05d1, "quoted" \\n \\u0041\r\nsecond line\n\ttab \u00a0 \u2028 {"a":1.0}  ';
