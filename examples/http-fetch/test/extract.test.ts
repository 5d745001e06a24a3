import { describe, expect, test } from 'vitest'
import { decodeEntities, extractPage } from '../src/html.ts'
import { resolvePointer } from '../src/pointer.ts'
import { resolveUrl } from '../src/url.ts'

const address = 'http://example.com/docs/page.html?x=1'

describe('pages', () => {
  test('title, description, headings and links', () => {
    const html = `<!doctype html><!-- <h1>no</h1> --><title>A &amp; B</title>
      <meta name="Description" content="About &quot;it&quot;">
      <script>"<h1>no</h1><a href='/no'>no</a>"</script>
      <h1>First <em>heading</em></h1><p><a href="../up.html#top">Up <b>there</b></a> <a href="mailto:a@b">mail</a></p>`
    expect(extractPage(html, address, 10)).toEqual({
      title: 'A & B',
      description: 'About "it"',
      headings: ['First heading'],
      links: [{ text: 'Up there', url: 'http://example.com/up.html' }],
    })
  })

  test('no more links than asked for', () => {
    expect(extractPage('<a href=1>a</a><a href=2>b</a>', address, 1).links).toHaveLength(1)
  })

  test.each([
    ['<'],
    ['<a href="'],
    ['<!--'],
    ['<title>'],
    ['<a <a <a'],
    ['</'],
    ['<h1><h1></h1>'],
    [`${'<'.repeat(10_000)}a`],
  ])('broken markup does no harm: %s', (html) => {
    expect(extractPage(html, address, 10).links).toEqual([])
  })

  test('attribute names of the object prototype are only names', () => {
    expect(extractPage('<a __proto__=x constructor=y href=z>t</a>', address, 1).links).toHaveLength(1)
  })

  test('character references', () => {
    expect(decodeEntities('&lt;&#65;&#x1F600;&nope;&#0;')).toBe('<A😀&nope;\uFFFD')
  })
})

describe('links', () => {
  test.each([
    ['a.html', 'http://example.com/docs/a.html'],
    ['/a', 'http://example.com/a'],
    ['../../../a', 'http://example.com/a'],
    ['?y', 'http://example.com/docs/page.html?y'],
    ['#z', 'http://example.com/docs/page.html?x=1'],
    ['//other.example/b/./c', 'http://other.example/b/c'],
    ['https://other.example', 'https://other.example/'],
    ['javascript:alert(1)', undefined],
  ])('%s', (link, absolute) => {
    expect(resolveUrl(link, address)).toBe(absolute)
    if (absolute !== undefined) expect(new URL(link, address).href.replace(/#.*/, '')).toBe(absolute)
  })
})

describe('JSON Pointers', () => {
  const document = { items: [{ 'a/b': 1, '~': null }], length: 2 }
  test.each([
    ['', document],
    ['/items/0/a~1b', 1],
    ['/items/0/~0', null],
  ])('%s', (pointer, value) => {
    expect(resolvePointer(document, pointer)).toEqual(value)
  })

  test.each([['items'], ['/items/1'], ['/items/length'], ['/items/00'], ['/__proto__'], ['/toString']])(
    '%s leads nowhere',
    (pointer) => {
      expect(() => resolvePointer(document, pointer)).toThrow(/pointer|nothing at/i)
    },
  )
})
