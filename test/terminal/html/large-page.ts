import { runPage } from '../../../src/terminal/html/run-page.js';
import { importReport, nowS, view } from '../run-samples.js';

/** Something of everything that markup, a script or a style may be begun with. */
export const hostileSubjects: readonly string[] = [
  '<img src=x onerror="alert(1)"><script>alert(2)</script>',
  '</script><script>document.title="taken"</script><!--',
  '" autofocus onfocus=alert(3) x="',
  'javascript:alert(4)',
  '<style>*{display:none}</style>',
  '\u202egpj.exe\u2028 \u0000 $(alert 5) {{7*7}}',
];

/** The page of an import with so many messages, some of them hostile. */
export function largePage(count: number): string {
  const whats = ['comes', 'goes', 'flags', 'moves', 'same'] as const;
  const messages = Array.from({ length: count }, (_, index) => ({
    what: whats[index % whats.length] ?? 'comes',
    mailbox: index % 7 === 0 ? '<b>Lists</b>/sailing' : 'INBOX',
    from: index % whats.length === 3 ? 'Archive' : null,
    guid: index.toString(16).padStart(64, '0'),
    uidBefore: index + 1,
    uidAfter: index + 2,
    flagsBefore: [],
    flagsAfter: ['\\Seen'],
    receivedS: nowS - index * 3600,
    sizeBytes: 1000 + index,
    sender: hostileSubjects[index % hostileSubjects.length] ?? null,
    subject: index % 3 === 0 ? (hostileSubjects[index % hostileSubjects.length] ?? '') : `Letter number ${index}`,
    by: null,
  }));
  const mailboxes = importReport.mailboxes.map((one) => ({ ...one, mailbox: `${one.mailbox}<script>` }));
  return runPage([{ ...importReport, mailboxes, messages }], view);
}
