package registry_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"vetalyze/internal/registry"
)

func TestParseName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		reason           registry.Reason
	}{
		{name: "plain", text: "Ahmed Ali", want: "Ahmed Ali"},
		{name: "Arabic", text: "أحمد علي", want: "أحمد علي"},
		{name: "spaces around and between", text: "  Ahmed \t Ali\u00a0", want: "Ahmed Ali"},
		{name: "two lines", text: "Ahmed\r\nAli", want: "Ahmed Ali"},
		{name: "markup is plain text", text: "<b>&", want: "<b>&"},
		{name: "apostrophe and dash", text: "Mary-Jane O’Neil", want: "Mary-Jane O’Neil"},
		{name: "number in a name", text: "Ali 2", want: "Ali 2"},
		{name: "emoji beside letters", text: "Ali 🐶", want: "Ali 🐶"},
		{name: "NUL dropped", text: "Ah\x00med", want: "Ahmed"},
		{name: "right-to-left override dropped", text: "\u202eAhmed\u202c Ali", want: "Ahmed Ali"},
		{name: "isolates dropped", text: "\u2068أحمد\u2069", want: "أحمد"},
		{name: "zero width dropped", text: "Ah\u200bm\ufeffed", want: "Ahmed"},
		{name: "composed", text: "Jose\u0301", want: "José"},
		{name: "composed through what is dropped", text: "Jose\u200d\u0301", want: "José"},
		{name: "shortest", text: "Bo", want: "Bo"},
		{name: "longest", text: strings.Repeat("ع", 255), want: strings.Repeat("ع", 255)},
		{name: "longest after trimming", text: "  " + strings.Repeat("ع", 255) + "  ", want: strings.Repeat("ع", 255)},

		{name: "nothing", text: "", reason: registry.ReasonEmpty},
		{name: "spaces", text: " \n\t\u00a0\u3000", reason: registry.ReasonEmpty},
		{name: "invisible letters", text: "\u3164\u115f\uffa0\u2800", reason: registry.ReasonEmpty},
		{name: "only marks", text: "\u200f\u202e\u2060", reason: registry.ReasonEmpty},
		{name: "emoji", text: "🐶🐱", reason: registry.ReasonNoLetter},
		{name: "emoji family", text: "👨‍👩‍👧", reason: registry.ReasonNoLetter},
		{name: "punctuation", text: "...", reason: registry.ReasonNoLetter},
		{name: "digits", text: "12345", reason: registry.ReasonNoLetter},
		{name: "one letter", text: "A", reason: registry.ReasonTooShort},
		{name: "256 letters", text: strings.Repeat("ع", 256), reason: registry.ReasonTooLong},
		{name: "10,000 characters", text: strings.Repeat("a", 10_000), reason: registry.ReasonTooLong},
		{name: "broken UTF-8", text: "Ahmed\xff", reason: registry.ReasonUnreadable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := registry.ParseName(test.text)
			checkParsed(t, got, test.want, err, registry.FieldName, test.reason)
		})
	}
}

func TestParsePetName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		reason           registry.Reason
	}{
		{name: "plain", text: "Rex", want: "Rex"},
		{name: "Arabic", text: " لولو ", want: "لولو"},
		{name: "one letter", text: "Q", want: "Q"},
		{name: "digits", text: "007", want: "007"},
		{name: "Arabic digits stay as they are", text: "٧", want: "٧"},
		{name: "longest", text: strings.Repeat("ر", 100), want: strings.Repeat("ر", 100)},
		{name: "101 letters", text: strings.Repeat("ر", 101), reason: registry.ReasonTooLong},
		{name: "nothing", text: "\u200b", reason: registry.ReasonEmpty},
		{name: "emoji", text: "🐶", reason: registry.ReasonNoLetter},
		{name: "broken UTF-8", text: "\xc3", reason: registry.ReasonUnreadable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := registry.ParsePetName(test.text)
			checkParsed(t, got, test.want, err, registry.FieldPetName, test.reason)
		})
	}
}

func TestNameReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name, err := registry.ParseName(rapid.String().Draw(t, "text"))
		if err != nil {
			return
		}
		if again, err := registry.ParseName(name); err != nil || again != name {
			t.Fatalf("%q reads back as %q, %v", name, again, err)
		}
	})
}

func FuzzParseName(f *testing.F) {
	for _, seed := range []string{
		"Ahmed Ali", "أحمد علي", "\u202eAhmed", "<b>&", "🐶", "Jose\u0301", "a\x00b", "\xff", " ", "\u3164", "한글", "e\u200d\u0301",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := registry.ParseName(text)
		checkRefusal(t, err, registry.FieldName)
		if pet, petErr := registry.ParsePetName(text); petErr != nil {
			checkRefusal(t, petErr, registry.FieldPetName)
		} else if again, err := registry.ParsePetName(pet); err != nil || again != pet {
			t.Errorf("%q reads back as %q, %v", pet, again, err)
		}
		if err != nil {
			return
		}
		if n := utf8.RuneCountInString(name); n < registry.MinName || n > registry.MaxName {
			t.Errorf("%q has %d characters", name, n)
		}
		if strings.ContainsAny(name, "\x00\n\u202e\u200b") || !norm.NFC.IsNormalString(name) || strings.TrimSpace(name) != name {
			t.Errorf("%q is not clean", name)
		}
		if again, err := registry.ParseName(name); err != nil || again != name {
			t.Errorf("%q reads back as %q, %v", name, again, err)
		}
	})
}
