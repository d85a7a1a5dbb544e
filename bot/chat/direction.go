package chat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// rightToLeftMark is RIGHT-TO-LEFT MARK: a letter that cannot be seen, for the sake of its direction.
const rightToLeftMark = "\u200F"

// laid is a text whose lines run the way the language does.
func (l Locale) laid(text HTML) string {
	if !l.RightToLeft() {
		return string(text)
	}
	return towardsLeft(string(text))
}

// towardsLeft has every line of a text run from right to left that says nothing about its direction: Telegram lays each out
// by its first letter (Unicode Standard Annex 9, rule P2), and what stands in isolates, as names and numbers do, does not
// count. Without a letter of its own a line would begin on the left, in the midst of Arabic ones.
func towardsLeft(text string) string {
	text = strings.TrimLeft(text, " ") // Telegram trims it, but not behind a mark
	var laid strings.Builder
	laid.Grow(len(text) + (1+strings.Count(text, "\n"))*len(rightToLeftMark))
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" && !hasDirection(line) {
			laid.WriteString(rightToLeftMark)
		}
		laid.WriteString(line)
	}
	return laid.String()
}

// hasDirection says whether a line of HTML has a letter outside of tags, entities and isolates, or a mark that stands for one.
func hasDirection(line string) bool {
	isolates := 0
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRuneInString(line[at:])
		switch {
		case r == '<': // what was typed has neither: it is escaped
			size = max(size, strings.IndexByte(line[at:], '>')+1)
		case r == '&':
			size = max(size, strings.IndexByte(line[at:], ';')+1)
		case r == '\u2066' || r == '\u2067' || r == '\u2068':
			isolates++
		case r == '\u2069':
			isolates = max(isolates-1, 0)
		case isolates == 0 && (unicode.IsLetter(r) || r == '\u200E' || r == '\u200F'):
			return true
		}
		at += size
	}
	return false
}
