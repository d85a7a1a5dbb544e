package registry

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The lengths of names, in characters (code points).
const (
	MinName    = 2
	MaxName    = 255
	MaxPetName = 100
)

// ParseName reads an owner's full name as it will be kept: trimmed, in one line, nothing invisible in it. Any
// script will do, and any punctuation, as long as there is a letter.
func ParseName(text string) (string, error) {
	name, err := parseName(text, FieldName, MaxName, unicode.IsLetter)
	if err == nil && utf8.RuneCountInString(name) < MinName {
		return "", Invalid{FieldName, ReasonTooShort}
	}
	return name, err
}

// ParsePetName reads a pet's name; digits alone will do, for there are pets called 007.
func ParsePetName(text string) (string, error) {
	return parseName(text, FieldPetName, MaxPetName, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func parseName(text string, field Field, longest int, speaks func(rune) bool) (string, error) {
	name, ok := clean(text)
	switch {
	case !ok:
		return "", Invalid{field, ReasonUnreadable}
	case name == "":
		return "", Invalid{field, ReasonEmpty}
	case utf8.RuneCountInString(name) > longest:
		return "", Invalid{field, ReasonTooLong}
	case !strings.ContainsFunc(name, speaks):
		return "", Invalid{field, ReasonNoLetter}
	}
	return name, nil
}
