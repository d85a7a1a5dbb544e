package chat

import "testing"

func TestLinesTowardsLeft(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                       "",
		"الاسم: \u2068Ahmed\u2069":               "الاسم: \u2068Ahmed\u2069",
		"🏥 <b>\u2068Zamalek Vets\u2069</b>":      "\u200F🏥 <b>\u2068Zamalek Vets\u2069</b>",
		"\u2068a\u2069 &amp; \u2068b\u2069":      "\u200F\u2068a\u2069 &amp; \u2068b\u2069",
		"\u200F👤 \u2068Ahmed\u2069":              "\u200F👤 \u2068Ahmed\u2069",
		"1. \u2068أحمد\u2069 · \u2068…567\u2069": "\u200F1. \u2068أحمد\u2069 · \u2068…567\u2069",
		"سطر\n\n\u2068x\u2069\n12:00":            "سطر\n\n\u200F\u2068x\u2069\n\u200F12:00",
		"Excel":                                  "Excel", // of its own direction
		" <b>\u2068x\u2069</b>":                  "\u200F<b>\u2068x\u2069</b>",
		"<i":                                     "<i",
	} {
		if got := towardsLeft(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if again := towardsLeft(want); again != want {
			t.Errorf("%q became %q the second time", want, again)
		}
	}
}
