package bot_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/registry"
)

// TestLocalesAreComplete holds both languages to the same texts with the same
// placeholders, and every text to the plural forms its language has.
func TestLocalesAreComplete(t *testing.T) {
	t.Parallel()
	english, arabic := readLocale(t, "en"), readLocale(t, "ar")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(arabic))); diff != "" {
		t.Errorf("keys differ (-en +ar):\n%s", diff)
	}
	for key, forms := range english {
		if (len(forms) > 1) != (len(arabic[key]) > 1) {
			t.Errorf("%s: has plural forms in one language only", key)
		}
		if len(forms) > 1 {
			wantForms(t, "en", key, forms, "one", "other")
			wantForms(t, "ar", key, arabic[key], "zero", "one", "two", "few", "many", "other")
		}
		want, got := placeholders(forms["other"]), placeholders(arabic[key]["other"])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: placeholders differ (-en +ar):\n%s", key, diff)
		}
	}
}

// TestArrowsPointTheSameWay holds arrows to the same end of a text in both languages: what goes back begins with one, what
// goes on ends with one. Where a line runs from right to left they are mirrored, so they point the right way by themselves.
func TestArrowsPointTheSameWay(t *testing.T) {
	t.Parallel()
	english, arabic := readLocale(t, "en"), readLocale(t, "ar")
	for key, forms := range english {
		want, got := arrows(forms["other"]), arrows(arabic[key]["other"])
		if want != got {
			t.Errorf("%s: %q has its arrows %q, %q has %q", key, forms["other"], want, arabic[key]["other"], got)
		}
	}
}

// arrows are the arrows that a text begins and ends with.
func arrows(text string) [2]string {
	const all = "‹›"
	rest := strings.TrimLeft(text, all)
	return [2]string{text[:len(text)-len(rest)], rest[len(strings.TrimRight(rest, all)):]}
}

// TestEveryRefusalHasWords holds a sentence ready for each reason the registry
// can have.
func TestEveryRefusalHasWords(t *testing.T) {
	t.Parallel()
	english := readLocale(t, "en")
	for _, invalid := range registry.Invalids() {
		key := "invalid." + string(invalid.Field) + "." + string(invalid.Reason)
		if english[key] == nil {
			t.Errorf("no text %s", key)
		}
	}
}

func wantForms(t *testing.T, language, key string, forms map[string]string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(maps.Keys(forms))); diff != "" {
		t.Errorf("%s in %s: plural forms (-want +got):\n%s", key, language, diff)
	}
}

var placeholder = regexp.MustCompile(`{{\.\w+}}`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// readLocale returns each text of a locale file with its plural forms; a text
// without any has one, "other".
func readLocale(t *testing.T, language string) map[string]map[string]string {
	t.Helper()
	data, err := os.ReadFile("locales/" + language + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	texts := map[string]map[string]string{}
	collect(texts, "", file)
	return texts
}

func collect(texts map[string]map[string]string, prefix string, node map[string]any) {
	for name, value := range node {
		key := strings.TrimPrefix(prefix+"."+name, ".")
		switch value := value.(type) {
		case string:
			texts[key] = map[string]string{"other": value}
		case map[string]any:
			if _, plural := value["other"]; !plural {
				collect(texts, key, value)
				continue
			}
			texts[key] = map[string]string{}
			for form, text := range value {
				texts[key][form] = text.(string)
			}
		}
	}
}
