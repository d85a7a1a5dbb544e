package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// Limits of texts. Lengths are counted in code points once formatting is parsed; the raw one in bytes.
const (
	maxRawText = 1 << 15
	maxText    = 4096
	maxCaption = 1024
)

// formatted reads a text with its formatting from the arguments: parse_mode, or a list of entities.
func formatted(text, mode, entities string) (string, []Entity, *apiError) {
	if len(text) > maxRawText {
		return "", nil, bad("Text is too long")
	}
	if !utf8.ValidString(text) {
		return "", nil, bad("Strings must be encoded in UTF-8")
	}
	mode = asciiLower(mode)
	if text != "" && mode != "" && mode != "none" {
		switch mode {
		case "html":
			plain, found, err := parseHTML(text)
			if err != nil {
				return "", nil, bad("Can't parse entities: " + err.Error())
			}
			return plain, found, nil
		case "markdown", "markdownv2":
			return "", nil, &apiError{missing: "parse_mode other than HTML"}
		}
		return "", nil, bad("Unsupported parse_mode")
	}
	found, err := readEntities(entities)
	return text, found, err
}

// fixText does to a text of valid UTF-8 what Telegram does to every text: control characters become spaces, some characters
// vanish, white space around it is cut, entities are nested properly, in place, and those that speak for themselves
// are found.
func fixText(text string, entities []Entity, allowEmpty bool) (string, []Entity, *apiError) {
	text, entities, err := cleanText(text, entities)
	if err != nil {
		return "", nil, err
	}
	trimmed := strings.TrimRight(text, " \n")
	if trimmed == "" {
		if allowEmpty {
			return "", nil, nil
		}
		return "", nil, bad("Text must be non-empty")
	}
	end := utf16Len(trimmed)
	first := end // white space that an entity covers stays
	for i := range entities {
		entities[i].Length = min(entities[i].Length, end-entities[i].Offset)
	}
	entities = slices.DeleteFunc(entities, func(e Entity) bool { return e.Length <= 0 })
	for _, e := range entities {
		first = min(first, e.Offset)
	}
	lead := 0
	for lead < first && (trimmed[lead] == ' ' || trimmed[lead] == '\n') {
		lead++
	}
	for i := range entities {
		entities[i].Offset -= lead
	}
	text = trimmed[lead:]
	if isInvisible(text) && !allowEmpty {
		return "", nil, bad("Text must be non-empty")
	}
	return text, withFound(nestEntities(entities), text), nil
}

// cleanText replaces and removes characters as TDLib's clean_input_string does and moves the entities along, in place.
func cleanText(text string, entities []Entity) (string, []Entity, *apiError) {
	places := placesIn(text)
	within := entities[:0]
	for _, e := range entities {
		e, err := places.move(e, text)
		if err != nil {
			return "", nil, err
		}
		if e.Length > 0 {
			within = append(within, e)
		}
	}
	if places.clean {
		return text, within, nil
	}
	kept := make([]rune, 0, len(text))
	for _, r := range text {
		switch {
		case isDropped(r):
		case isControl(r):
			kept = append(kept, ' ')
		default:
			kept = append(kept, r)
		}
	}
	tameMarks(kept)
	return string(kept), within, nil
}

// isUnclean reports a character that does not always stay as it is.
func isUnclean(r rune) bool { return isControl(r) || r > 0x300 && (isDropped(r) || isMark(r)) }

func isDropped(r rune) bool {
	return r == '\r' ||
		0x2028 <= r && r <= 0x202E || // separators, and overrides of writing direction
		r == 0x0333 || r == 0x033F || r == 0x030A // lines that overlay other text
}

func isControl(r rune) bool { return r < ' ' && r != '\n' }

func isMark(r rune) bool { return r == 0x200E || r == 0x200F }

// places are the UTF-16 offsets of a text that matter to its entities once it is cleaned. Each list is in order.
type places struct {
	dropped []int // characters that vanish
	middles []int // of characters that are two units, where nothing can begin or end
	end     int
	clean   bool // every character stays as it is
}

func placesIn(text string) places {
	p := places{clean: true}
	for _, r := range text {
		switch {
		case r > 0xFFFF:
			p.middles = append(p.middles, p.end+1)
		case isUnclean(r):
			p.clean = false
			if isDropped(r) {
				p.dropped = append(p.dropped, p.end)
			}
		}
		p.end += utf16Width(r)
	}
	return p
}

// after is where an offset lies once the text is clean; ok is false in the middle of a character.
func (p *places) after(offset int) (moved int, ok bool) {
	if _, middle := slices.BinarySearch(p.middles, offset); middle {
		return 0, false
	}
	before, _ := slices.BinarySearch(p.dropped, offset)
	return offset - before, true
}

// move gives an entity of text its place after cleaning.
func (p *places) move(e Entity, text string) (Entity, *apiError) {
	switch {
	case e.Offset < 0 || e.Offset > 1_000_000:
		return e, bad(fmt.Sprintf("Receive an entity with incorrect offset %d", e.Offset))
	case e.Length < 0 || e.Length > 1_000_000:
		return e, bad(fmt.Sprintf("Receive an entity with incorrect length %d", e.Length))
	case e.Length == 0:
		return e, nil
	case e.Offset >= p.end:
		return e, bad(fmt.Sprintf("Entity begins after the end of the text at UTF-16 offset %d", e.Offset))
	case e.end() > p.end:
		return e, bad(fmt.Sprintf("Entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 "+
			"offset %d", e.Offset, e.end()))
	}
	from, ok := p.after(e.Offset)
	if !ok {
		return e, bad(fmt.Sprintf("Entity begins in a middle of a UTF-16 symbol at byte offset %d",
			byteOffset(text, e.Offset)))
	}
	to, ok := p.after(e.end())
	if !ok {
		return e, bad(fmt.Sprintf("Entity beginning at UTF-16 offset %d ends in a middle of a UTF-16 symbol at byte "+
			"offset %d", e.Offset, byteOffset(text, e.end())))
	}
	e.Offset, e.Length = from, to-from
	return e, nil
}

// tameMarks replaces all but the last of a run of direction marks, as replace_offending_characters does.
func tameMarks(text []rune) {
	mark := func(i int) bool { return i < len(text) && isMark(text[i]) }
	for i := range text {
		if mark(i) && mark(i+1) {
			text[i] = 0x200C
		}
	}
}

// isInvisible reports a text of nothing but characters that show nothing.
func isInvisible(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool {
		return r == ' ' || r == '\n' || r == 0xA0 || 0x2000 <= r && r <= 0x200F || r == 0x2060 || r == 0xFEFF ||
			r == 0x3164 || r == 0x1160 || r == 0x115F || r == 0x2800
	}) == ""
}

func utf16Width(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// utf16Len counts the units of a text that is valid UTF-8: one for each character, two where it takes four bytes.
func utf16Len(text string) int {
	n := 0
	for i := range len(text) {
		if c := text[i]; c >= 0xF0 {
			n += 2
		} else if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// byteOffset is where the character behind the given UTF-16 offset begins.
func byteOffset(text string, utf16 int) int {
	at := 0
	for i, r := range text {
		if at >= utf16 {
			return i
		}
		at += utf16Width(r)
	}
	return len(text)
}

// entityTypes are those a bot may name in a list of entities, and whether it has to say more about them.
// Telegram ignores the types that it finds by itself.
var entityTypes = map[string]bool{
	"bold": true, "italic": true, "underline": true, "strikethrough": true, "spoiler": true, "blockquote": true,
	"expandable_blockquote": true, "code": true, "pre": true, "text_link": true, "text_mention": true,
	"custom_emoji": true,
}

// readEntities reads the JSON list of entities that a bot gave in place of a parse mode.
func readEntities(list string) ([]Entity, *apiError) {
	if list == "" {
		return nil, nil
	}
	items := gjson.Parse(list)
	if !validJSON(list) || !items.IsArray() {
		return nil, nil // the server ignores what is no list
	}
	var entities []Entity
	for _, item := range items.Array() {
		e, err := readEntity(item)
		if err != nil {
			return nil, bad("Can't parse MessageEntity: " + err.Error())
		}
		if entityTypes[e.Type] {
			entities = append(entities, e)
		}
	}
	sortEntities(entities)
	return entities, nil
}

func readEntity(item gjson.Result) (Entity, error) {
	o, ok := objectOf(item)
	if !ok {
		return Entity{}, fmt.Errorf("expected an Object")
	}
	for _, name := range []string{"offset", "length", "type"} {
		if !o.has(name) {
			return Entity{}, fmt.Errorf("Can't find field %q", name)
		}
	}
	var e Entity
	if err := json.Unmarshal([]byte(item.Raw), &e); err != nil {
		return Entity{}, fmt.Errorf("Field must be of the right type")
	}
	if e.Type == "text_link" {
		checked, err := checkLink(e.URL)
		if err != nil {
			e.Type = ""
		}
		e.URL = checked
	}
	if e.Type == "text_mention" && e.User != nil {
		e.UserID = e.User.ID
	}
	return e, nil
}
