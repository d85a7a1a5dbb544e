package registry

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"vetalyze/internal/arabic"
)

// clean makes typed text fit to be kept and shown: in Unicode's normal form C, in one line, its words apart by
// one space, without anything that cannot be seen (control characters, zero width, and direction overrides, by
// which one name poses as another). It reports false for text that is not UTF-8.
func clean(text string) (string, bool) {
	lines, ok := cleanLines(text)
	return strings.ReplaceAll(lines, "\n", " "), ok
}

// cleanLines is clean, but keeps line breaks: the lines are trimmed and none is empty.
func cleanLines(text string) (string, bool) {
	if !utf8.ValidString(text) {
		return "", false
	}
	visible := norm.NFC.String(strings.Map(visible, text))
	var lines []string
	for line := range strings.SplitSeq(visible, "\n") {
		if words := strings.Fields(line); len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return strings.Join(lines, "\n"), true
}

// visible maps line breaks to '\n', every other space to itself, and what cannot be seen to nothing.
func visible(r rune) rune {
	switch {
	case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
		return '\n'
	case r == '\t', r == '\u2800': // the blank braille cell is drawn as nothing
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Other_Default_Ignorable_Code_Point,
		unicode.Variation_Selector, unicode.Noncharacter_Code_Point):
		return -1
	}
	return r
}

// fold makes clean text comparable: compatibility forms and case away, Arabic letters that are typed for one
// another made one, marks and tatweel dropped, digits of every script as 0-9.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		switch r = arabic.Alike(r); r {
		case -1:
			return -1
		case '٫':
			return '.'
		case '،', '٬':
			return ','
		case '؟':
			return '?'
		case '’', '‘', '`':
			return '\''
		}
		if d, ok := digit(r); ok {
			return d
		}
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKC.String(text))
}

// digit returns the ASCII form of a decimal digit of any script.
func digit(r rune) (rune, bool) {
	if r >= '0' && r <= '9' {
		return r, true
	}
	if r < 0x80 || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	// Unicode keeps the ten digits of a script together, in order, and only such runs in Nd; a run of runs (the
	// mathematical digits) has a length that is a multiple of ten.
	for _, span := range unicode.Nd.R16 {
		if lo, hi := rune(span.Lo), rune(span.Hi); lo <= r && r <= hi {
			return '0' + (r-lo)%10, true
		}
	}
	for _, span := range unicode.Nd.R32 {
		if lo, hi := rune(span.Lo), rune(span.Hi); lo <= r && r <= hi {
			return '0' + (r-lo)%10, true
		}
	}
	return 0, false
}

func hasLetter(text string) bool { return strings.ContainsFunc(text, unicode.IsLetter) }

func hasDigit(text string) bool { return strings.ContainsFunc(text, unicode.IsDigit) }
