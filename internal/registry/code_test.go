package registry_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vetalyze/internal/registry"
)

func TestParseCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		reason           registry.Reason
	}{
		{name: "as printed", text: "7K4MP9Q", want: "7K4MP9Q"},
		{name: "lower case", text: "7k4mp9q", want: "7K4MP9Q"},
		{name: "read aloud", text: " 7k4 - mp 9q ", want: "7K4MP9Q"},
		{name: "with a number sign", text: "#7K4MP9Q", want: "7K4MP9Q"},
		{name: "Arabic digits, isolated", text: "\u2068٧K٤MP٩Q\u2069", want: "7K4MP9Q"},
		{name: "nothing", text: " - ", reason: registry.ReasonEmpty},
		{name: "too short", text: "7K4MP9", reason: registry.ReasonTooShort},
		{name: "too long", text: "7K4MP9QQ", reason: registry.ReasonTooLong},
		{name: "zero", text: "7K4MP90", reason: registry.ReasonLookAlike},
		{name: "letter O", text: "7K4MP9o", reason: registry.ReasonLookAlike},
		{name: "one", text: "7K4MP91", reason: registry.ReasonLookAlike},
		{name: "letter L", text: "7K4MP9l", reason: registry.ReasonLookAlike},
		{name: "letter I", text: "7K4MP9I", reason: registry.ReasonLookAlike},
		{name: "Cyrillic look-alikes", text: "7К4МР9Q", reason: registry.ReasonNotUnderstood},
		{name: "words", text: "أحمد", reason: registry.ReasonNotUnderstood},
		{name: "punctuation", text: "7K4MP9'", reason: registry.ReasonNotUnderstood},
		{name: "broken UTF-8", text: "7K4MP9\xff", reason: registry.ReasonUnreadable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := registry.ParseCode(test.text)
			checkParsed(t, got, test.want, err, registry.FieldCode, test.reason)
		})
	}
}

func TestCodeReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[2-9A-HJKMNP-Z]{7}`).Draw(t, "code")
		typed := spread(t, strings.ToLower(code))
		typed = strings.NewReplacer(".", "", ")", "").Replace(typed)
		if got, err := registry.ParseCode(typed); err != nil || got != code {
			t.Fatalf("%q read as %q, %v", typed, got, err)
		}
	})
}

func FuzzParseCode(f *testing.F) {
	for _, seed := range []string{"7K4MP9Q", "#7k4 mp-9q", "٧K٤MP٩Q", "O000000", "", "\xff", "ﬁ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := registry.ParseCode(text)
		checkRefusal(t, err, registry.FieldCode)
		if err != nil {
			return
		}
		if again, err := registry.ParseCode(code); err != nil || again != code {
			t.Errorf("%q reads back as %q, %v", code, again, err)
		}
	})
}
