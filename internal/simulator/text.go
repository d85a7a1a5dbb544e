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

// fixText does to a text what Telegram does to every text: control characters become spaces, some characters
// vanish, white space around it is cut, entities are nested properly and those that speak for themselves are
// found.
func fixText(text string, entities []Entity, allowEmpty bool) (string, []Entity, *apiError) {
	if !utf8.ValidString(text) {
		return "", nil, bad("Strings must be encoded in UTF-8")
	}
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

// cleanText replaces and removes characters as TDLib's clean_input_string does and moves the entities along.
func cleanText(text string, entities []Entity) (string, []Entity, *apiError) {
	clean := !strings.ContainsFunc(text, isUnclean)
	if clean && len(entities) == 0 {
		return text, nil, nil
	}
	var kept []rune
	if !clean {
		kept = make([]rune, 0, utf8.RuneCountInString(text))
	}
	moved := make([]int32, 0, len(text)+1) // UTF-16 offset before -> after; -1 inside a surrogate pair
	at := int32(0)
	for _, r := range text {
		width := utf16Width(r)
		moved = append(moved, at)
		if width == 2 {
			moved = append(moved, -1)
		}
		switch {
		case clean:
		case isDropped(r):
			continue
		case isControl(r):
			kept = append(kept, ' ')
		default:
			kept = append(kept, r)
		}
		at += int32(width)
	}
	moved = append(moved, at)
	within := make([]Entity, 0, len(entities))
	for _, e := range entities {
		e, err := moveEntity(e, text, moved)
		if err != nil {
			return "", nil, err
		}
		if e.Length > 0 {
			within = append(within, e)
		}
	}
	if clean {
		return text, within, nil
	}
	tameMarks(kept)
	return string(kept), within, nil
}

// isUnclean reports a character that does not always stay as it is.
func isUnclean(r rune) bool { return isDropped(r) || isControl(r) || isMark(r) }

func isDropped(r rune) bool {
	return r == '\r' ||
		0x2028 <= r && r <= 0x202E || // separators, and overrides of writing direction
		r == 0x0333 || r == 0x033F || r == 0x030A // lines that overlay other text
}

func isControl(r rune) bool { return r < ' ' && r != '\n' }

func isMark(r rune) bool { return r == 0x200E || r == 0x200F }

// moveEntity gives an entity of text its place after cleaning; moved is told by cleanText.
func moveEntity(e Entity, text string, moved []int32) (Entity, *apiError) {
	switch {
	case e.Offset < 0 || e.Offset > 1_000_000:
		return e, bad(fmt.Sprintf("Receive an entity with incorrect offset %d", e.Offset))
	case e.Length < 0 || e.Length > 1_000_000:
		return e, bad(fmt.Sprintf("Receive an entity with incorrect length %d", e.Length))
	case e.Length == 0:
		return e, nil
	case e.Offset >= len(moved)-1:
		return e, bad(fmt.Sprintf("Entity begins after the end of the text at UTF-16 offset %d", e.Offset))
	case e.end() >= len(moved):
		return e, bad(fmt.Sprintf("Entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 "+
			"offset %d", e.Offset, e.end()))
	}
	from, to := int(moved[e.Offset]), int(moved[e.end()])
	if from < 0 {
		return e, bad(fmt.Sprintf("Entity begins in a middle of a UTF-16 symbol at byte offset %d",
			byteOffset(text, e.Offset)))
	}
	if to < 0 {
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

func utf16Len(text string) int {
	n := 0
	for _, r := range text {
		n += utf16Width(r)
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
