package chat

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

// A Language is one the bot speaks, by its ISO 639-1 code.
type Language string

// The languages the bot speaks. A person whose Telegram is in another one is
// spoken to in English until they choose.
const (
	English Language = "en"
	Arabic  Language = "ar"
)

// Languages lists them in the order in which they are offered.
func Languages() []Language { return []Language{English, Arabic} }

// GuessLanguage turns Telegram's language_code ("ar", "en-GB", often absent)
// into a language the bot speaks.
func GuessLanguage(code string) Language {
	if strings.HasPrefix(strings.ToLower(code), string(Arabic)) {
		return Arabic
	}
	return English
}

// Args fills the placeholders of a text. A string was typed by somebody: it is
// escaped and isolated. HTML goes in as it is. The int under "Count" also chooses
// the plural form.
type Args map[string]any

// Texts holds every sentence of the bot in every language.
type Texts struct {
	locales map[Language]Locale
}

// LoadTexts reads one TOML file per language ("en.toml") from files.
func LoadTexts(files fs.FS) (*Texts, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	texts := &Texts{locales: map[Language]Locale{}}
	for _, lang := range Languages() {
		name := string(lang) + ".toml"
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			return nil, fmt.Errorf("load texts %s: %w", name, err)
		}
	}
	for _, lang := range Languages() {
		texts.locales[lang] = Locale{Language: lang, localizer: i18n.NewLocalizer(bundle, string(lang))}
	}
	return texts, nil
}

// In returns the locale of a language; English when the bot does not speak it.
func (t *Texts) In(lang Language) Locale {
	if locale, ok := t.locales[lang]; ok {
		return locale
	}
	return t.locales[English]
}

// A Locale is everything the bot can say in one language.
type Locale struct {
	Language  Language
	localizer *i18n.Localizer
}

// Text returns the text under key as HTML, its placeholders filled.
func (l Locale) Text(key string, args ...Args) HTML {
	return HTML(l.localize(key, args, func(value any) string {
		switch value := value.(type) {
		case HTML:
			return string(value)
		case string:
			return string(Escape(value))
		default:
			return fmt.Sprint(value)
		}
	}))
}

// Plain returns the text under key without markup: for buttons, toasts and
// command descriptions, which Telegram shows as they are.
func (l Locale) Plain(key string, args ...Args) string {
	return l.localize(key, args, func(value any) string {
		if text, ok := value.(string); ok {
			return isolate(text)
		}
		return fmt.Sprint(value)
	})
}

// Choose returns the word for somebody's language out of a value kept in both.
func (l Locale) Choose(english, arabic string) string {
	if l.Language == Arabic && arabic != "" {
		return arabic
	}
	return english
}

// RightToLeft says whether the language is written from right to left.
func (l Locale) RightToLeft() bool { return l.Language == Arabic }

// placeholders reads texts whose only markup is {{.Name}}. A list of twenty lines fills twenty of them, for which
// text/template took as long as finding the owners.
type placeholders struct{}

// A filling is a text in pieces: a literal, the name of a placeholder, and so on in turns.
type filling []string

// Cacheable says that a text is read once.
func (placeholders) Cacheable() bool { return true }

// Parse reads a text.
func (placeholders) Parse(text, _, _ string) (template.ParsedTemplate, error) {
	var pieces filling
	for {
		literal, rest, found := strings.Cut(text, "{{")
		if !found {
			return append(pieces, literal), nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		name, dotted := strings.CutPrefix(name, ".")
		if !closed || !dotted {
			return nil, fmt.Errorf("not a placeholder like {{.Name}}: %q", text)
		}
		pieces = append(pieces, literal, name)
		text = after
	}
}

// arguments are what placeholders are filled with, and how.
type arguments struct {
	Args
	fill func(any) string
}

// Execute fills the placeholders; one without an argument shows its name.
func (f filling) Execute(data any) (string, error) {
	if len(f) == 1 {
		return f[0], nil
	}
	with, _ := data.(arguments)
	filled := make([]byte, 0, usualText)
	for i, piece := range f {
		if i%2 == 1 {
			piece = with.text(piece)
		}
		filled = append(filled, piece...)
	}
	return string(filled), nil
}

// text is what a placeholder is filled with.
func (a arguments) text(placeholder string) string {
	if value, ok := a.Args[placeholder]; ok {
		return a.fill(value)
	}
	return "⟦" + placeholder + "⟧"
}

// usualText is enough for a line of a list, in bytes; less than what would have to be taken from the heap.
const usualText = 256

func (l Locale) localize(key string, args []Args, fill func(any) string) string {
	config := i18n.LocalizeConfig{MessageID: key, TemplateParser: placeholders{}}
	if len(args) > 0 {
		config.TemplateData = arguments{args[0], fill}
		if count, ok := args[0]["Count"].(int); ok {
			config.PluralCount = strconv.Itoa(count)
		}
	}
	text, err := l.localizer.Localize(&config)
	if err != nil {
		// A test holds every locale complete; a hole that slips through shows
		// its name rather than losing the whole answer.
		return "⟦" + key + "⟧"
	}
	return text
}
