package simulator

import (
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/bidi"
)

// phoneView is a phone as the page sees it.
type phoneView struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Subtitle string `json:"subtitle"`
	Language string `json:"language"`
	Dir      string `json:"dir"`
	Avatar   string `json:"avatar"` // initials
	Color    int    `json:"color"`  // of the avatar, 0 to 6
}

type botView struct {
	Name        string `json:"name"`
	Username    string `json:"username"`
	Initials    string `json:"initials"`
	Description string `json:"description"` // in the person's language where it is about one phone
}

type pageView struct {
	Title  string      `json:"title"`
	Zone   string      `json:"zone"`
	Bot    botView     `json:"bot"`
	Phones []phoneView `json:"phones"`
	Next   *nextView   `json:"next,omitempty"`
}

type nextView struct {
	Label map[string]string `json:"label"`
	None  map[string]string `json:"none"`
}

type chatView struct {
	Messages      []messageView      `json:"messages"`
	Commands      []Command          `json:"commands"`
	Menu          string             `json:"menu"` // the menu button: default, commands, web_app
	ReplyKeyboard *replyKeyboardView `json:"reply_keyboard"`
	Started       bool               `json:"started"`
	Blocked       bool               `json:"blocked"`
	Action        string             `json:"action,omitempty"`
	Description   string             `json:"description,omitempty"` // of the bot, in her language
}

type messageView struct {
	ID             int            `json:"id"`
	From           string         `json:"from"` // bot or person
	Date           time.Time      `json:"date"`
	Edited         bool           `json:"edited"`
	Kind           Kind           `json:"kind"`
	Text           string         `json:"text"`
	HTML           string         `json:"html"`
	RTL            bool           `json:"rtl"`
	Photo          *photoView     `json:"photo,omitempty"`
	Document       *documentView  `json:"document,omitempty"`
	Contact        *contactView   `json:"contact,omitempty"`
	Sticker        string         `json:"sticker,omitempty"`
	Voice          *voiceView     `json:"voice,omitempty"`
	InlineKeyboard [][]buttonView `json:"inline_keyboard,omitempty"`
	ReplyTo        int            `json:"reply_to,omitempty"`
	Deleted        bool           `json:"deleted,omitempty"`
}

type photoView struct {
	FileID string `json:"file_id"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type documentView struct {
	FileID string `json:"file_id"`
	Name   string `json:"name"`
	Size   int    `json:"size"`
}

type contactView struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

type voiceView struct {
	Seconds int `json:"seconds"`
}

type buttonView struct {
	Text    string `json:"text"`
	Data    string `json:"data,omitempty"`
	URL     string `json:"url,omitempty"`
	Copy    string `json:"copy,omitempty"`
	Style   string `json:"style,omitempty"`
	Pending bool   `json:"pending,omitempty"`
}

type replyKeyboardView struct {
	Rows        [][]keyView `json:"rows"`
	OneTime     bool        `json:"one_time"`
	Placeholder string      `json:"placeholder,omitempty"`
}

type keyView struct {
	Text           string `json:"text"`
	RequestContact bool   `json:"request_contact"`
}

type clockView struct {
	Now time.Time `json:"now"`
}

func (p *page) about(w http.ResponseWriter, _ *http.Request) {
	view := pageView{
		Title: p.cfg.Title,
		Zone:  p.cfg.Zone.String(),
		Bot: botView{
			Name: p.sim.cfg.BotName, Username: p.sim.cfg.BotUsername, Initials: initials(p.sim.cfg.BotName),
			Description: p.sim.description(""),
		},
		Phones: p.phoneViews(),
	}
	if next := p.cfg.Next; next != nil {
		view.Next = &nextView{Label: next.Label, None: next.None}
	}
	answer(w, http.StatusOK, view)
}

func (p *page) phones(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, p.phoneViews())
}

func (p *page) phoneViews() []phoneView {
	views := []phoneView{}
	for _, phone := range p.shown() {
		person := p.sim.Person(phone.Person)
		if person == nil {
			continue
		}
		name := strings.TrimSpace(person.FirstName + " " + person.LastName)
		views = append(views, phoneView{
			ID: person.ID, Name: name, Title: phone.Title, Subtitle: phone.Subtitle,
			Language: person.LanguageCode, Dir: direction(person.LanguageCode),
			Avatar: initials(name), Color: int(person.ID % 7),
		})
	}
	return views
}

func (p *page) chat(w http.ResponseWriter, _ *http.Request, person *Person) {
	view := chatView{
		Messages:      []messageView{},
		Commands:      append([]Command{}, person.Commands()...),
		Menu:          person.Menu().Type,
		ReplyKeyboard: viewReplyKeyboard(person.Keyboard()),
		Started:       person.Started(),
		Blocked:       person.Blocked(),
		Action:        person.Action(),
		Description:   p.sim.description(person.LanguageCode),
	}
	for _, m := range person.Chat() {
		view.Messages = append(view.Messages, viewMessage(&m))
	}
	answer(w, http.StatusOK, view)
}

// description is the bot's own text for an empty chat, in a language or in none.
func (s *Simulator) description(languageCode string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	language, _, _ := strings.Cut(languageCode, "-")
	if text := s.profile[profileKey{"description", language}]; text != "" {
		return text
	}
	return s.profile[profileKey{"description", ""}]
}

func viewMessage(m *Message) messageView {
	view := messageView{
		ID: m.ID, From: "person", Date: m.Date, Edited: !m.Edited.IsZero(), Kind: m.Kind, Text: m.Text,
		HTML: renderHTML(m.Text, m.Entities), RTL: rightToLeft(m.Text), Sticker: m.Sticker,
		InlineKeyboard: viewButtons(m.InlineKeyboard), ReplyTo: m.ReplyTo, Deleted: m.Deleted,
	}
	if m.FromBot {
		view.From = "bot"
	}
	if m.Photo != nil {
		view.Photo = &photoView{FileID: m.Photo.FileID, Width: m.Photo.Width, Height: m.Photo.Height}
	}
	if m.Document != nil {
		view.Document = &documentView{FileID: m.Document.FileID, Name: m.Document.Name, Size: m.Document.Size}
	}
	if m.Contact != nil {
		name := strings.TrimSpace(m.Contact.FirstName + " " + m.Contact.LastName)
		view.Contact = &contactView{Name: name, Phone: m.Contact.Phone}
	}
	if m.Voice != nil {
		view.Voice = &voiceView{Seconds: m.Voice.Seconds}
	}
	return view
}

func viewButtons(rows [][]InlineButton) [][]buttonView {
	views := make([][]buttonView, len(rows))
	for i, row := range rows {
		for _, b := range row {
			view := buttonView{Text: b.Text, Data: b.Data, URL: b.URL, Copy: b.Copy, Style: b.Style, Pending: b.Pending}
			if view.URL == "" {
				view.URL = b.WebApp
			}
			views[i] = append(views[i], view)
		}
	}
	return views
}

func viewReplyKeyboard(k *ReplyKeyboard) *replyKeyboardView {
	if k == nil {
		return nil
	}
	view := &replyKeyboardView{Rows: make([][]keyView, len(k.Rows)), OneTime: k.OneTime, Placeholder: k.Placeholder}
	for i, row := range k.Rows {
		for _, b := range row {
			view.Rows[i] = append(view.Rows[i], keyView{Text: b.Text, RequestContact: b.RequestContact})
		}
	}
	return view
}

// file serves a photo or a document. A document is only ever saved: opened in the page's origin, it could act
// as the page.
func (p *page) file(w http.ResponseWriter, r *http.Request) {
	data, mediaType, ok := p.sim.File(r.PathValue("file"))
	if !ok {
		refuse(w, http.StatusNotFound, "no such file")
		return
	}
	header := w.Header()
	header.Set("Cache-Control", "private, max-age=31536000, immutable") // a file_id's bytes never change
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	switch base, _, _ := mime.ParseMediaType(mediaType); base {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "audio/ogg":
		header.Set("Content-Type", base)
	default:
		header.Set("Content-Type", "application/octet-stream")
		header.Set("Content-Disposition", "attachment")
	}
	_, _ = w.Write(data) // who hung up does not read it
}

// initials are the first letters of a name's first two words, in Arabic apart, lest they join.
func initials(name string) string {
	var letters []string
	for _, word := range strings.Fields(name) {
		for _, r := range word {
			letters = append(letters, strings.ToUpper(string(r)))
			break
		}
		if len(letters) == 2 {
			break
		}
	}
	if rightToLeft(name) {
		return strings.Join(letters, " ")
	}
	return strings.Join(letters, "")
}

// rightToLeft tells by its first letter whether a text runs from right to left.
func rightToLeft(text string) bool {
	for _, r := range text {
		properties, _ := bidi.LookupRune(r)
		switch properties.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// direction is the way an app in that language is laid out.
func direction(languageCode string) string {
	language, _, _ := strings.Cut(languageCode, "-")
	if slices.Contains([]string{"ar", "fa", "he", "ur", "ckb", "ps", "yi"}, language) {
		return "rtl"
	}
	return "ltr"
}
