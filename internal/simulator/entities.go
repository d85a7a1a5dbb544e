package simulator

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Entity is a formatted piece of a text. Offset and Length count UTF-16 units.
type Entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	User          *User  `json:"user,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
	UnixTime      int64  `json:"unix_time,omitempty"`
	UserID        int64  `json:"-"` // of a text_mention
}

func (e Entity) end() int { return e.Offset + e.Length }

// htmlTags are the tags that TDLib's parse_html knows, with the entities they make. An empty type is one that
// depends on the tag's attributes.
var htmlTags = map[string]string{
	"a": "", "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough",
	"strike": "strikethrough", "del": "strikethrough", "u": "underline", "ins": "underline",
	"tg-spoiler": "spoiler", "tg-emoji": "", "tg-time": "", "span": "", "pre": "pre", "code": "code", "blockquote": "",
}

// htmlParser follows TDLib's parse_html step by step, so that what it accepts, and the byte offsets of what it
// refuses, are Telegram's. As in C a NUL stands behind the text.
type htmlParser struct {
	text     string
	pos      int
	out      strings.Builder
	utf16    int
	open     []openTag
	entities []Entity
	halves   bool // a numeric reference gave half a surrogate pair
}

type openTag struct {
	name, argument string
	date           int64
	offset         int // UTF-16
	begin          int // in out
}

// parseHTML turns text into plain text with entities. The error is what follows "can't parse entities: ".
func parseHTML(text string) (string, []Entity, error) {
	p := &htmlParser{text: text, entities: make([]Entity, 0, strings.Count(text, "</"))}
	p.out.Grow(len(text))
	for ; p.pos < len(text); p.pos++ {
		switch c := text[p.pos]; {
		case c == '<':
			if err := p.tag(); err != nil {
				return "", nil, err
			}
		case c == '&' && p.reference():
		default:
			p.run()
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, fmt.Errorf("Can't find end tag corresponding to start tag %q", p.open[n-1].name)
	}
	for i := range p.entities {
		if p.entities[i].Type == "code" {
			p.entities[i].Language = ""
		}
	}
	sortEntities(p.entities)
	if p.halves && !utf8.ValidString(p.out.String()) {
		return "", nil, fmt.Errorf("Text contains invalid Unicode characters after decoding HTML entities, " +
			"check for unmatched surrogate code units")
	}
	return p.out.String(), p.entities, nil
}

// at is the byte at i, or 0 behind the end.
func (p *htmlParser) at(i int) byte {
	if i < len(p.text) {
		return p.text[i]
	}
	return 0
}

// run takes what stands here up to the next tag, or what may be a reference, as it is.
func (p *htmlParser) run() {
	end := p.pos + 1
	for end < len(p.text) && p.text[end] != '<' && p.text[end] != '&' {
		end++
	}
	run := p.text[p.pos:end]
	p.utf16 += utf16Len(run)
	p.out.WriteString(run)
	p.pos = end - 1
}

// reference reads a character reference of the running text, if one stands here.
func (p *htmlParser) reference() bool {
	code, next := decodeReference(p.text, p.pos)
	if code == 0 {
		return false
	}
	p.pos = next - 1
	p.utf16++
	if code > 0xFFFF {
		p.utf16++
	}
	p.halves = p.halves || 0xD800 <= code && code <= 0xDFFF
	p.out.Write(appendCode(make([]byte, 0, utf8.UTFMax), code))
	return true
}

// appendCode encodes code as TDLib does: half a surrogate pair becomes three bytes that are no UTF-8.
func appendCode(out []byte, code uint32) []byte {
	if 0xD800 <= code && code <= 0xDFFF {
		return append(out, byte(0xE0|code>>12), byte(0x80|code>>6&0x3F), byte(0x80|code&0x3F))
	}
	return utf8.AppendRune(out, rune(code))
}

// decodeReference reads &lt; &gt; &amp; &quot; and numeric references, with or without the semicolon; 0 means
// that the ampersand is only an ampersand.
func decodeReference(text string, pos int) (code uint32, next int) {
	at := func(i int) byte {
		if i < len(text) {
			return text[i]
		}
		return 0
	}
	end := pos + 1
	if at(end) == '#' {
		end++
		base := uint32(10)
		if at(end) == 'x' {
			base = 16
			end++
		}
		for ; ; end++ {
			digit, err := strconv.ParseUint(string(rune(at(end))), int(base), 8)
			if err != nil || at(end) >= utf8.RuneSelf {
				break
			}
			code = code*base + uint32(digit)
		}
		if code == 0 || code >= 0x10FFFF || end-pos >= 10 {
			return 0, 0
		}
	} else {
		for isAlpha(at(end)) {
			end++
		}
		named := map[string]uint32{"lt": '<', "gt": '>', "amp": '&', "quot": '"'}
		if code = named[text[pos+1:end]]; code == 0 {
			return 0, 0
		}
	}
	if at(end) == ';' {
		end++
	}
	return code, end
}

func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isAlpha(c) || '0' <= c && c <= '9' }

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\v' || c == '\r' || c == 0 }

// tag reads the tag that begins here and leaves pos on its '>'.
func (p *htmlParser) tag() error {
	begin := p.pos
	p.pos++
	if p.at(p.pos) == '/' {
		return p.endTag(begin)
	}
	for !isSpace(p.at(p.pos)) && p.at(p.pos) != '>' {
		p.pos++
	}
	if p.at(p.pos) == 0 {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	name := asciiLower(p.text[begin+1 : p.pos])
	if _, ok := htmlTags[name]; !ok {
		return fmt.Errorf("Unsupported start tag \"%s\" at byte offset %d", name, begin)
	}
	tag := openTag{name: name, offset: p.utf16, begin: p.out.Len()}
	for p.at(p.pos) != '>' {
		p.spaces()
		if p.at(p.pos) == '>' {
			break
		}
		if err := p.attribute(&tag, begin); err != nil {
			return err
		}
	}
	if name == "span" && tag.argument != "spoiler" {
		return fmt.Errorf("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", begin)
	}
	p.open = append(p.open, tag)
	return nil
}

func (p *htmlParser) spaces() {
	for p.at(p.pos) != 0 && isSpace(p.at(p.pos)) {
		p.pos++
	}
}

// attribute reads one attribute of the tag that began at begin.
func (p *htmlParser) attribute(tag *openTag, begin int) error {
	unclosed := fmt.Errorf("Unclosed start tag %q at byte offset %d", tag.name, begin)
	from := p.pos
	for !isSpace(p.at(p.pos)) && !strings.ContainsRune(`=>/"'`, rune(p.at(p.pos))) {
		p.pos++
	}
	name := p.text[from:min(p.pos, len(p.text))]
	if name == "" {
		return fmt.Errorf("Empty attribute name in the tag %q at byte offset %d", tag.name, begin)
	}
	p.spaces()
	if p.at(p.pos) != '=' {
		if p.at(p.pos) == 0 {
			return unclosed
		}
		if tag.name == "blockquote" && name == "expandable" {
			tag.argument = "1"
		}
		return nil
	}
	p.pos++
	p.spaces()
	if p.at(p.pos) == 0 {
		return unclosed
	}
	value, err := p.attributeValue()
	if err != nil {
		return err
	}
	if p.at(p.pos) == 0 {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	tag.set(name, value)
	return nil
}

func (p *htmlParser) attributeValue() (string, error) {
	quote := p.at(p.pos)
	if quote != '\'' && quote != '"' {
		from := p.pos
		for isAlnum(p.at(p.pos)) || p.at(p.pos) == '.' || p.at(p.pos) == '-' {
			p.pos++
		}
		if !isSpace(p.at(p.pos)) && p.at(p.pos) != '>' {
			return "", fmt.Errorf("Unexpected end of name token at byte offset %d", from)
		}
		return asciiLower(p.text[from:p.pos]), nil
	}
	p.pos++
	var value []byte
	for p.at(p.pos) != quote && p.at(p.pos) != 0 {
		if p.at(p.pos) == '&' {
			if code, next := decodeReference(p.text, p.pos); code != 0 {
				value = appendCode(value, code)
				p.pos = next
				continue
			}
		}
		value = append(value, p.text[p.pos])
		p.pos++
	}
	if p.at(p.pos) == quote {
		p.pos++
	}
	return string(value), nil
}

func (t *openTag) set(name, value string) {
	switch t.name + " " + name {
	case "a href", "tg-emoji emoji-id", "tg-time format":
		t.argument = value
	case "code class":
		if language, ok := strings.CutPrefix(value, "language-"); ok {
			t.argument = language
		}
	case "span class":
		if class, ok := strings.CutPrefix(value, "tg-"); ok {
			t.argument = class
		}
	case "blockquote expandable":
		t.argument = "1"
	case "tg-time unix":
		t.date = leadingInt(value)
	}
}

func (p *htmlParser) endTag(begin int) error {
	if len(p.open) == 0 {
		return fmt.Errorf("Unexpected end tag at byte offset %d", begin)
	}
	for !isSpace(p.at(p.pos)) && p.at(p.pos) != '>' {
		p.pos++
	}
	found := asciiLower(p.text[begin+2 : p.pos])
	p.spaces()
	if p.at(p.pos) != '>' {
		return fmt.Errorf("Unclosed end tag at byte offset %d", begin)
	}
	tag := p.open[len(p.open)-1]
	if found != "" && found != tag.name {
		return fmt.Errorf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"",
			begin, tag.name, found)
	}
	p.open = p.open[:len(p.open)-1]
	if p.utf16 == tag.offset {
		return nil // nothing stands between the tags
	}
	return p.close(tag)
}

// close makes the entity of a tag that has ended.
func (p *htmlParser) close(tag openTag) error {
	e := Entity{Type: htmlTags[tag.name], Offset: tag.offset, Length: p.utf16 - tag.offset}
	last := len(p.entities) - 1
	same := last >= 0 && p.entities[last].Offset == e.Offset && p.entities[last].Length == e.Length
	switch tag.name {
	case "span":
		e.Type = "spoiler"
	case "blockquote":
		e.Type = "blockquote"
		if tag.argument != "" {
			e.Type = "expandable_blockquote"
		}
	case "tg-emoji":
		if id, err := strconv.ParseInt(tag.argument, 10, 64); err != nil || id == 0 {
			return fmt.Errorf("Invalid custom emoji identifier specified")
		}
		e.Type, e.CustomEmojiID = "custom_emoji", tag.argument
	case "tg-time":
		if tag.date <= 0 {
			return nil
		}
		e.Type, e.UnixTime = "date_time", tag.date
	case "a":
		address := cmp.Or(tag.argument, p.out.String()[tag.begin:])
		if e.UserID = linkedUser(address); e.UserID != 0 {
			e.Type = "text_mention"
			break
		}
		checked, err := checkLink(address)
		if err != nil {
			return nil // not a link that leads anywhere: the text stays, the entity is left out
		}
		e.Type, e.URL = "text_link", checked
	case "pre":
		if same && p.entities[last].Type == "code" && p.entities[last].Language != "" {
			p.entities[last].Type = "pre"
			return nil
		}
	case "code":
		if same && p.entities[last].Type == "pre" && tag.argument != "" {
			p.entities[last].Language = tag.argument
			return nil
		}
		e.Language = tag.argument
	}
	p.entities = append(p.entities, e)
	return nil
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
