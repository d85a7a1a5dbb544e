package registry

import "unicode/utf8"

// ParseLine reads one line of plain text, such as an address, of at most limit characters.
func ParseLine(text string, limit int) (string, error) {
	line, ok := clean(text)
	switch {
	case !ok:
		return "", Invalid{FieldText, ReasonUnreadable}
	case line == "":
		return "", Invalid{FieldText, ReasonEmpty}
	case utf8.RuneCountInString(line) > limit:
		return "", Invalid{FieldText, ReasonTooLong}
	}
	return line, nil
}
