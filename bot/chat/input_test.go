package chat

import (
	"testing"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"
)

// TestReadCommand reads commands by their entities, which count in UTF-16 units.
func TestReadCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		length     int // of the entity; it begins the message
		want       Input
	}{
		{"bare", "/menu", 5, Input{Command: &Command{Name: "menu"}}},
		{"with arguments", "/register Ahmed Ali; Rex", 9, Input{Command: &Command{Name: "register", Arguments: "Ahmed Ali; Rex"}}},
		{"with the bot's name", "/start@vetalyze_bot abc", 19, Input{Command: &Command{Name: "start", Arguments: "abc"}}},
		{"upper case", "/START", 6, Input{Command: &Command{Name: "start"}}},
		{"Arabic arguments", "/register أحمد علي", 9, Input{Command: &Command{Name: "register", Arguments: "أحمد علي"}}},
		{"emoji in the arguments", "/register 🐶 Rex", 9, Input{Command: &Command{Name: "register", Arguments: "🐶 Rex"}}},
		{"entity longer than the text", "/x", 40, Input{Text: "/x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := readMessage(&models.Message{
				Text:     test.text,
				Entities: []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Length: test.length}},
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("read otherwise (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommandInTheMiddleIsText(t *testing.T) {
	t.Parallel()
	text := "أحمد /menu"
	got := readMessage(&models.Message{Text: text, Entities: []models.MessageEntity{
		{Type: models.MessageEntityTypeBotCommand, Offset: len(utf16.Encode([]rune("أحمد "))), Length: 5},
	}})
	if got.Text != text || got.Command != nil {
		t.Errorf("got %+v, want plain text", got)
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]HTML{
		"":              "",
		"Ahmed":         "\u2068Ahmed\u2069",
		`<b>&"Tom"</b>`: "\u2068&lt;b&gt;&amp;&#34;Tom&#34;&lt;/b&gt;\u2069",
	} {
		if got := Escape(typed); got != want {
			t.Errorf("Escape(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ typed, want string }{
		{"Rex", "Rex"}, {"ريكس", "ريكس"}, {"Mimosa", "Mim…"}, {"قطة صغيرة", "قطة…"},
	} {
		if got := Shorten(test.typed, 4); got != test.want {
			t.Errorf("Shorten(%q, 4) = %q, want %q", test.typed, got, test.want)
		}
	}
}

func TestGuessLanguage(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]Language{"ar": Arabic, "ar-EG": Arabic, "AR": Arabic, "en": English, "fr": English, "": English} {
		if got := GuessLanguage(code); got != want {
			t.Errorf("GuessLanguage(%q) = %q, want %q", code, got, want)
		}
	}
}
