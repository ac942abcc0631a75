import type { Random } from './random.js';

const common = (
  'the of and to a in that it is was for on with as be at by this have from or had not but what all were when we there can an your ' +
  'which their said if do will each about how up out them then she many some so these would other into has more her two like him see ' +
  'time could no make than first been its who now people my made over did down only way find use may water long little very after ' +
  'words called just where most know get through back much go good new write our me man too any day same right look think also around ' +
  'another came come work three must because does part even place well such here take why help put different away again off went old ' +
  'number great tell men say small every found still between name should home big give air line set own under read last never us left ' +
  'end along while might next sound below saw something thought both few those always show large often together asked house world ' +
  'going want school important until form food keep children feet land side without boy once animals life enough took four head above ' +
  'kind began almost live page got earth need far hand high year mother light country father let night picture being study second soon ' +
  'story since white ever paper hard near sentence better best across during today however sure knew try told young sun thing whole ' +
  'hear example heard several change answer room sea against top turned learn point city play toward five himself usually money seen ' +
  'did car morning meeting report budget invoice attached regards thanks please draft server deploy review schedule agenda minutes'
).split(' ');

const onsets = [
  'b',
  'br',
  'c',
  'ch',
  'd',
  'dr',
  'f',
  'fl',
  'g',
  'gr',
  'h',
  'k',
  'l',
  'm',
  'n',
  'p',
  'pr',
  'r',
  's',
  'st',
  't',
  'tr',
  'v',
  'w',
];
const vowels = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou', 'ai', 'ä', 'ö'];
const codas = ['', '', 'n', 'r', 's', 't', 'l', 'nd', 'st', 'ng', 'ck'];

/** A vocabulary ordered by how common its words are; the rare ones are made up. */
export function vocabulary(random: Random, words = 6000): readonly string[] {
  const result = [...new Set(common)];
  while (result.length < words) {
    let word = '';
    for (let syllables = random.integer(1, 4); syllables > 0; syllables--) {
      word += random.pick(onsets) + random.pick(vowels) + random.pick(codas);
    }
    result.push(word);
  }
  return result;
}

/** Running text of about so many characters, in paragraphs of lines of at most about 72 characters. */
export function prose(random: Random, words: readonly string[], characters: number): string {
  const lines: string[] = [];
  let length = 0;
  let line = '';
  let sentence = 0;
  while (length + line.length < characters) {
    let word = random.pickZipf(words);
    if (sentence === 0) word = word.charAt(0).toUpperCase() + word.slice(1);
    sentence++;
    if (sentence > 4 && random.chance(0.1)) {
      word += random.chance(0.85) ? '.' : '?';
      sentence = 0;
    } else if (random.chance(0.06)) word += ',';
    if (line.length + word.length > 71) {
      lines.push(line);
      length += line.length + 1;
      line = word;
      if (sentence === 0 && random.chance(0.2)) lines.push('');
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line, '');
  return lines.join('\n');
}
