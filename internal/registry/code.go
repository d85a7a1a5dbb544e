package registry

import (
	"strings"
	"unicode"
)

const (
	codeLength   = 7
	codeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	lookAlikes   = "0O1IL" // in no code, so nobody has to ask which one is meant
)

// ParseCode reads the code of an owner or a pet as it is read aloud and typed: in either case, with spaces and
// dashes, with a number sign before it.
func ParseCode(text string) (string, error) {
	typed, ok := clean(text)
	if !ok {
		return "", Invalid{FieldCode, ReasonUnreadable}
	}
	code := strings.Map(func(r rune) rune {
		if r == '#' || unicode.In(r, unicode.Zs, unicode.Pd) {
			return -1
		}
		return r
	}, strings.ToUpper(fold(typed)))
	switch {
	case code == "":
		return "", Invalid{FieldCode, ReasonEmpty}
	case strings.ContainsFunc(code, func(r rune) bool { return !strings.ContainsRune(codeAlphabet+lookAlikes, r) }):
		return "", Invalid{FieldCode, ReasonNotUnderstood}
	case len(code) < codeLength:
		return "", Invalid{FieldCode, ReasonTooShort}
	case len(code) > codeLength:
		return "", Invalid{FieldCode, ReasonTooLong}
	case strings.ContainsAny(code, lookAlikes):
		return "", Invalid{FieldCode, ReasonLookAlike}
	}
	return code, nil
}
