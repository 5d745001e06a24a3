// Cases of `text` and `paths`.

import { calls, fails, type FunctionCase, gives } from './case.ts'

const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'
const flags = '\u{1f1e9}\u{1f1ea}\u{1f1eb}\u{1f1f7}'

/** See the file's head. */
export const textCases: readonly FunctionCase[] = [
  ...calls('text', 'trim', [
    [[' \t a b \r\n'], gives('a b')],
    [[''], gives('')],
    [['   '], gives('')],
    [['\u00a0a\u00a0'], gives('\u00a0a\u00a0')],
    [['ä '], gives('ä')],
  ]),
  ...calls('text', 'trim_start', [[['  a '], gives('a ')]]),
  ...calls('text', 'trim_end', [[['  a '], gives('  a')]]),
  ...calls('text', 'split', [
    [['a,b,,c', ','], gives(['a', 'b', '', 'c'])],
    [['a,b,c', ',', 2], gives(['a', 'b,c'])],
    [['a.b', '.'], gives(['a', 'b'])],
    [['', ','], gives([''])],
    [['ae\u0301', ''], gives(['a', 'e\u0301'])],
    [['a%d+b', '%d+'], gives(['a', 'b'])],
  ]),
  ...calls('text', 'lines', [
    [['a\r\nb\rc\nd\n'], gives(['a', 'b', 'c', 'd'])],
    [['a\n\nb'], gives(['a', '', 'b'])],
  ]),
  ...calls('text', 'length', [
    [['abc'], gives(3)],
    [['e\u0301'], gives(1)],
    [[family], gives(1)],
    [[flags], gives(2)],
    [['a\r\nb'], gives(3)],
    [['\u{1f44d}\u{1f3fd}!'], gives(2)],
  ]),
  ...calls('text', 'characters', [[[`x${family}y`], gives(['x', family, 'y'])]]),
  ...calls('text', 'pad_start', [
    [['7', 3, '0'], gives('007')],
    [['long', 2], gives('long')],
    [['a', 4, '12'], gives('121a')],
    [['e\u0301', 2, '*'], gives('*e\u0301')],
    [['a', 2_000_000_000, 'b'], fails('library.argument')],
  ]),
  ...calls('text', 'pad_end', [
    [['a', 3], gives('a  ')],
    [['a', 3, ''], gives('a')],
  ]),
  ...calls('text', 'truncate', [
    [['short', 10], gives('short')],
    [['a long text', 6], gives('a lon…')],
    [['a long text', 6, '...'], gives('a l...')],
    [['a long text', 1, '...'], gives('.')],
    [[`${family}${family}ab`, 2, ''], gives(`${family}${family}`)],
  ]),
  ...calls('text', 'wrap', [
    [['the quick brown fox', 10], gives('the quick\nbrown fox')],
    [['a  b\n\nincomprehensible c', 5], gives('a b\n\nincomprehensible\nc')],
  ]),
  ...calls('text', 'levenshtein', [
    [['kitten', 'sitting'], gives(3)],
    [['', 'abc'], gives(3)],
    [['same', 'same'], gives(0)],
    [['Zürich', 'Zurich'], gives(1)],
    [['a'.repeat(6000), 'b'.repeat(6000)], fails('library.argument')],
  ]),
  ...calls('text', 'fill', [
    [['{{a}} and {{ b.c }}', { a: 1, b: { c: 'x' } }], gives('1 and x')],
    [['{{yes}} {{half}} {{whole}}', { yes: true, half: 0.5, whole: 2 }], gives('true 0.5 2')],
    [['{{open', {}], gives('{{open')],
    [['{{a}}', { a: '{{b}}' }], gives('{{b}}')],
    [['{{none}}', {}], fails('library.argument', 'the template names none, which is no text, number or truth value')],
    [['{{constructor}}', {}], fails('library.argument')],
    [['{{a.b}}', { a: [1] }], fails('library.argument')],
  ]),
  ...calls('text', 'words', [
    [['fooBar HTTPServer x2_y-z'], gives(['foo', 'Bar', 'HTTP', 'Server', 'x2', 'y', 'z'])],
    [['Ünïcode löst – alles'], gives(['Ünïcode', 'löst', 'alles'])],
    [['ABC1'], gives(['ABC1'])],
    [[''], gives([])],
  ]),
  ...calls('text', 'camel_case', [[['some Name_of-things'], gives('someNameOfThings')]]),
  ...calls('text', 'pascal_case', [[['some name'], gives('SomeName')]]),
  ...calls('text', 'snake_case', [[['someNameOf HTTPThings'], gives('some_name_of_http_things')]]),
  ...calls('text', 'kebab_case', [[['Some Name'], gives('some-name')]]),
  ...calls('text', 'title_case', [[['the LORD of_rings'], gives('The Lord Of Rings')]]),
  ...calls('text', 'slug', [
    [['Über uns: ½ Größe!'], gives('uber-uns-grosse')],
    [["L'École d’été"], gives('lecole-dete')],
    [['  --a--  '], gives('a')],
    [['Привет мир'], gives('Привет-мир')],
    [['Łódź æther Œuvre'], gives('lodz-aether-oeuvre')],
    [['…'], gives('')],
  ]),
  ...calls('paths', 'join', [
    [['a', 'b', '../c'], gives('a/c')],
    [['/a/', '/b'], gives('/a/b')],
    [['', ''], gives('.')],
    [['..', '..', 'a'], gives('../../a')],
  ]),
  ...calls('paths', 'normalise', [
    [['a//b/./c/..'], gives('a/b')],
    [['/../a'], gives('/a')],
    [['../a/../../b'], gives('../../b')],
    [[''], gives('.')],
    [['/'], gives('/')],
  ]),
  ...calls('paths', 'dirname', [
    [['a/b/c.md'], gives('a/b')],
    [['c.md'], gives('.')],
    [['/c.md'], gives('/')],
    [['/a//b/'], gives('/a')],
    [['///'], gives('/')],
  ]),
  ...calls('paths', 'basename', [
    [['a/b/c.md'], gives('c.md')],
    [['a/b/c.md', '.md'], gives('c')],
    [['.md', '.md'], gives('.md')],
    [['a/b/'], gives('b')],
    [['/'], gives('')],
  ]),
  ...calls('paths', 'extension', [
    [['a.b/c.tar.gz'], gives('.gz')],
    [['a/.hidden'], gives('')],
    [['a.b/c'], gives('')],
    [['..'], gives('')],
    [['a.'], gives('.')],
  ]),
  ...calls('paths', 'relative', [
    [['a/b', 'a/c/d'], gives('../c/d')],
    [['/a', '/a'], gives('.')],
    [['/a/b', '/c'], gives('../../c')],
  ]),
  ...calls('paths', 'is_absolute', [
    [['/a'], gives(true)],
    [['a'], gives(false)],
  ]),
]
