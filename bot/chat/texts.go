package chat

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
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
		file, err := bundle.LoadMessageFileFS(files, name)
		if err != nil {
			return nil, fmt.Errorf("load texts %s: %w", name, err)
		}
		whole, err := readWhole(file.Messages)
		if err != nil {
			return nil, fmt.Errorf("load texts %s: %w", name, err)
		}
		texts.locales[lang] = Locale{Language: lang, localizer: i18n.NewLocalizer(bundle, string(lang)), whole: whole}
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
	whole     map[string]filling // by key, what is said where nothing is counted
}

// readWhole reads the texts, in the form they have where nothing is counted. For each text that it is asked for, go-i18n
// finds out anew which of the languages it has is the one that is wanted, which took half of the time.
func readWhole(messages []*i18n.Message) (map[string]filling, error) {
	whole := make(map[string]filling, len(messages))
	for _, message := range messages {
		text, err := readFilling(message.Other)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", message.ID, err)
		}
		if message.Other != "" {
			whole[message.ID] = text
		}
	}
	return whole, nil
}

// Text returns the text under key as HTML, its placeholders filled.
func (l Locale) Text(key string, args ...Args) HTML { return HTML(l.localize(key, args, marked)) }

// WriteText writes what Text returns: one of the many lines of a list.
func (l Locale) WriteText(to *strings.Builder, key string, args Args) {
	to.Write(l.find(key, args).write(make([]byte, 0, usualText), args, marked))
}

// Plain returns the text under key without markup: for buttons, toasts and
// command descriptions, which Telegram shows as they are.
func (l Locale) Plain(key string, args ...Args) string { return l.localize(key, args, plain) }

// Choose returns the word for somebody's language out of a value kept in both.
func (l Locale) Choose(english, arabic string) string {
	if l.Language == Arabic && arabic != "" {
		return arabic
	}
	return english
}

// RightToLeft says whether the language is written from right to left.
func (l Locale) RightToLeft() bool { return l.Language == Arabic }

func (l Locale) localize(key string, args []Args, as medium) string {
	var given Args
	if len(args) > 0 {
		given = args[0]
	}
	return l.find(key, given).fill(given, as)
}

// find returns the text under key in the form that goes with the arguments.
func (l Locale) find(key string, args Args) filling {
	if count, counted := args["Count"].(int); counted {
		return l.count(key, count)
	}
	text, ok := l.whole[key]
	if !ok {
		return filling{missing(key)}
	}
	return text
}

// count returns the text under key in the form that its language has for so many.
func (l Locale) count(key string, count int) filling {
	var form formFound
	_, err := l.localizer.Localize(&i18n.LocalizeConfig{
		MessageID: key, PluralCount: count, TemplateData: &form, TemplateParser: findForm{},
	})
	if err != nil {
		return filling{missing(key)}
	}
	return form.text
}
