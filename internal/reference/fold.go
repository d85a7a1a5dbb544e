package reference

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// arabic maps letters that are written for one another to one of them.
var arabic = strings.NewReplacer(
	"أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ى", "ي", "ی", "ي", "ئ", "ي", "ؤ", "و", "ة", "ه", "ک", "ك", "گ", "ك", "ـ", "",
)

// fold makes words comparable however they were typed: case, accents, hamza and taa marbuta, vowel signs, the article,
// invisible marks and extra space do not count.
func fold(typed string) string {
	// Arabic letters first: their marks are part of them where decomposed.
	text := arabic.Replace(norm.NFKC.String(strings.ToLower(typed)))
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
	words := strings.Fields(text)
	for i, word := range words {
		if bare, ok := strings.CutPrefix(word, "ال"); ok && len([]rune(bare)) > 1 {
			words[i] = bare
		}
	}
	return strings.Join(words, " ")
}
