package form

import "testing"

func TestPlaces(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]place{
		"":              summary,
		"phone":         {field: "phone", index: -1},
		"pets.0":        {field: "pets", index: 0},
		"pets.12.birth": {field: "pets", index: 12, sub: "birth"},
	} {
		got := parsePlace(text)
		if got != want || got.String() != text {
			t.Errorf("parsePlace(%q) = %+v (%q), want %+v", text, got, got, want)
		}
	}
}

// FuzzPress reads whatever a hostile client sends as a button's data.
func FuzzPress(f *testing.F) {
	f.Add("1a2b3c4d:12:edit:pets.0.species")
	f.Add("::::")
	f.Add("x:99999999999999999999:choose:")
	f.Fuzz(func(t *testing.T, argument string) {
		press, ok := parsePress(argument)
		if !ok {
			return
		}
		p := parsePlace(press.argument)
		if again := parsePlace(p.String()); again != p {
			t.Errorf("the place %q reads as %+v, written and read again as %+v", press.argument, p, again)
		}
	})
}
