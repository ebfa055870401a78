/**
 * Letters that are read as a Latin one, after NFKD and in small letters; what NFKD makes Latin already is not here.
 * From the confusables of Unicode 14 (UTS 39), without the scripts whose letters nobody takes for Latin ones, and
 * with what generators of "fonts" use: small capitals and runes.
 */
const byLetter: Record<string, string> = {
  a: 'аαɑᴀꭺᗅꓮ𖽀𐊠ᚨᗩ',
  b: 'вβʙƅꮟᑲᖯꞵᏼᗷꓐ𐊂𐊡𐌁ɓᑳƃƀҍᛒ',
  c: 'сϲᴄⲥꮯ𐐽𑣲𑣩ꓚ𐊢𐌂𐔜ȼҫᑕ',
  d: 'ԁđᴅꮷᑯꓒꭰᗞᗪꓓɗɖƌðᛞ',
  e: 'еεєᴇǝə℮ꬲҽⴹꭼꓰ𑣆𑣎𐊆ɇᛖ',
  f: 'ꜰꬵꞙẝքϝᖴꓝ𑣂𐊇𐊥𐔥ƒᵮᚠ',
  g: 'ɡɢᶃƍցԍꮐᏻꓖɠǥ',
  h: 'нһηħʜհꮒⲏꮋᕼꓧ𐋏ɦᏺⱨңӊӈᚺᚻ',
  i: 'іїιıɩɪꙇꭵ𑣃ɨᵻᵼ',
  j: 'јϳᴊʝꭻᒍꓙɉᛃ',
  k: 'кκᴋⲕꮶꓗ𐔘ƙⱪқꝁҟᚲ',
  l: 'ӏłʟⳑꮮᒪꓡ𖼖𑣒𐑃𐔦ɭƚɫᛚ',
  m: 'мμᴍϻⲙꮇᗰꓟ𐊰𐌑ӎᛗ',
  n: 'ɴոռⲛꓠ𐔓ɳƞɲᵰᑎᚾ',
  o: 'оοøσςᴏᴑꬽⲟօ𐓪𑣈𑣗𐐬𑣠ⵔꓳ𑣕𐊒𐊫𐔖ꬾⵁɵꝋөѳꮎꮻⴱꭴᛟ',
  p: 'рρᴘⲣꮲᑭꓑ𐊕ƥᵽᛈ',
  q: 'ԛǫꞯգզⵕʠ',
  r: 'ꭇꭈⲅꮁʀꭱꮢ𐓜ᖇꓣ𖼵ɽɼɍғᵲᚱ',
  s: 'ѕꜱƽꮪ𑣁𐑈տꮥꓢ𖼺𐊖ʂᵴᛊᛋ',
  t: 'тτᴛŧⲧꭲꓔ𖼊𑣜𐊗𐊱𐌕ƭⱦʈҭᵵᛏ',
  u: 'υꞟᴜꭎꭒʋս𐓶𑣘ᑌꓴ𖽂ᵾꮜʉᚢ',
  v: 'ѵνᴠꮩ𑣀ⴸᐯꓦ𖼈𐔝',
  w: 'ԝωɯᴡѡաꮃ𑣯𑣦ꮤꓪѽꝡᚹ',
  x: 'хχ᙮ᕁᕽ᙭𐌢𑣬ꭓⲭⵝꓫ𐊐𐊴𐌗𐔧ҳ',
  y: 'уʏɣγᶌỿꭚүⲩꭹꮍꓬ𖽃𑣄𐊲ƴɏұ',
  z: 'ζᴢꮓ𑣥ꓜ𑣉ʐƶȥᵶᛉ',
  ae: 'æ',
  oe: 'œ',
  // An i or an l: which is for the reader to say.
  '|': 'ǀⵏꓲᛁ𖼨𐊊𐌉𐌠',
}

const lookAlikes: ReadonlyMap<string, string> = new Map([
  ...Object.entries(byLetter).flatMap(([latin, letters]) =>
    [...letters].map((letter) => [letter, latin] as const),
  ),
  // White on black, round and square.
  ...[0x1f150, 0x1f170].flatMap((first) =>
    Array.from(
      { length: 26 },
      (_, n) => [String.fromCodePoint(first + n), String.fromCodePoint(97 + n)] as const,
    ),
  ),
])

/** Of a text in NFKD and small letters, as it looks. */
export function asLatin(text: string): string {
  if (/^\p{ASCII}*$/u.test(text)) return text
  return [...text].map((letter) => lookAlikes.get(letter) ?? letter).join('')
}
