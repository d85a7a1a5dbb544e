package chat

import (
	"strings"
	"testing"
	"testing/fstest"
)

// textsOf loads texts in English and Arabic.
func textsOf(english, arabic string) (*Texts, error) {
	return LoadTexts(fstest.MapFS{"en.toml": {Data: []byte(english)}, "ar.toml": {Data: []byte(arabic)}})
}

func TestTexts(t *testing.T) {
	t.Parallel()
	texts, err := textsOf(`
plain = "Back"
greeting = "Hello {{.Name}}, <b>{{.Name}}</b> of {{.Place}}!"
[pets]
one = "{{.Count}} pet of {{.Name}}"
other = "{{.Count}} pets of {{.Name}}"
`, `
plain = "رجوع"
[pets]
zero = "لا شيء"
one = "واحد"
two = "اثنان"
few = "{{.Count}} قليل"
many = "{{.Count}} كثير"
other = "{{.Count}} غير ذلك"
`)
	if err != nil {
		t.Fatal(err)
	}
	en, ar := texts.In(English), texts.In(Arabic)
	for _, test := range []struct {
		what, got, want string
	}{
		{"as it is", en.Plain("plain"), "Back"},
		{"in the other language", ar.Plain("plain"), "رجوع"},
		{"in one that the bot does not speak", texts.In("de").Plain("plain"), "Back"},
		{
			"what was typed is escaped", string(en.Text("greeting", Args{"Name": "<Mona>", "Place": HTML("<i>Giza</i>")})),
			"Hello \u2068&lt;Mona&gt;\u2069, <b>\u2068&lt;Mona&gt;\u2069</b> of <i>Giza</i>!",
		},
		{"not on a button", en.Plain("greeting", Args{"Name": "<Mona>", "Place": 5}), "Hello \u2068<Mona>\u2069, <b>\u2068<Mona>\u2069</b> of 5!"},
		{"without arguments", en.Plain("greeting"), "Hello ⟦Name⟧, <b>⟦Name⟧</b> of ⟦Place⟧!"},
		{"no such text", en.Plain("nonsense", Args{"Name": "x"}), "⟦nonsense⟧"},
		{"no such text to count", en.Plain("nonsense", Args{"Count": 2}), "⟦nonsense⟧"},
		{"missing in the other language", ar.Plain("greeting"), "⟦greeting⟧"},
		{"one", en.Plain("pets", Args{"Count": 1, "Name": "Mona"}), "1 pet of \u2068Mona\u2069"},
		{"another name", en.Plain("pets", Args{"Count": 1, "Name": "Omar"}), "1 pet of \u2068Omar\u2069"},
		{"several", string(en.Text("pets", Args{"Count": 0, "Name": HTML("Mona")})), "0 pets of Mona"},
		{"none, in Arabic", ar.Plain("pets", Args{"Count": 0}), "لا شيء"},
		{"two", ar.Plain("pets", Args{"Count": 2}), "اثنان"},
		{"a few", ar.Plain("pets", Args{"Count": 103}), "103 قليل"},
		{"many", ar.Plain("pets", Args{"Count": 11}), "11 كثير"},
		{"other", ar.Plain("pets", Args{"Count": 100}), "100 غير ذلك"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.what, test.got, test.want)
		}
	}
}

func TestTextsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Hello {{.Name", "Hello {{Name}}", "{{if .Name}}Hello{{end}}"} {
		_, err := textsOf(`greeting = "`+text+`"`, "")
		if err == nil || !strings.Contains(err.Error(), "en.toml") || !strings.Contains(err.Error(), "greeting") {
			t.Errorf("%q: %v, want an error that names the file and the text", text, err)
		}
	}
}
