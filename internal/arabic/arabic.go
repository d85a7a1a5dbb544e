// Package arabic knows which Arabic letters are typed for one another. What else does not count when words are compared is for
// those who compare them to say. SQL has a table of its own, search_key in migrations/00009_search.sql.
package arabic

// Alike maps letters that are typed for one another to one of them: the forms of alef, hamza on its carriers, alef maqsura and
// taa marbuta, Persian letters for Arabic ones. It leaves tatweel out (-1), as strings.Map does, and keeps all other letters.
func Alike(letter rune) rune {
	switch letter {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ی', 'ئ':
		return 'ي'
	case 'ؤ':
		return 'و'
	case 'ة':
		return 'ه'
	case 'ک', 'گ':
		return 'ك'
	case 'ـ':
		return -1
	}
	return letter
}
