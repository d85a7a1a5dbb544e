package bot

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"vetalyze/bot/chat"
	"vetalyze/internal/staff"
)

// homeRoutes are what is asked for about oneself, whoever one is.
func (b *Bot) homeRoutes() []chat.Route {
	return []chat.Route{
		{Name: "start", Right: staff.RightNone, Open: b.start},
		{Name: routeReminders, Right: staff.RightGetReminders, Listed: true, Open: b.openReminders},
		{Name: "menu", Right: staff.RightNone, Listed: true, Open: b.menu},
		{Name: "help", Right: staff.RightNone, Listed: true, Open: b.help},
		{Name: "cancel", Right: staff.RightNone, Listed: true, Open: b.cancel},
		{Name: "language", Right: staff.RightNone, Listed: true, Open: b.language},
		{Name: "clinic", Right: staff.RightNone, Open: b.chooseClinic},
		{Name: "resume", Right: staff.RightNone, Open: b.resume},
		{Name: routeOpen, Right: staff.RightNone, Open: b.openRoute},
	}
}

// start answers /start: with a token it is somebody who follows an invitation.
func (b *Bot) start(ctx context.Context, t *chat.Turn, token string) error {
	if token != "" {
		return b.clinic.Arrive(ctx, t, token)
	}
	return b.showHome(ctx, t)
}

func (b *Bot) menu(ctx context.Context, t *chat.Turn, _ string) error { return b.showHome(ctx, t) }

// showHome shows where the person is and what they can do here.
func (b *Bot) showHome(ctx context.Context, t *chat.Turn) error {
	t.Banner = banner(t) // they may have just come to another clinic
	open, shut, err := b.forms.Title(ctx, t)
	if err != nil {
		return err
	}
	rows := b.homeRows(t)
	var unfinished chat.HTML
	switch {
	case shut:
		unfinished = draftText(t, open)
	case open != "":
		unfinished = t.Text("home.unfinished", chat.Args{"Title": open})
		rows = append([][]chat.Button{{{Label: t.Plain("form.resume"), Data: "resume"}}}, rows...)
	}
	_, err = t.Show(ctx, chat.Screen{Text: chat.Paragraphs(b.greeting(t), unfinished), Rows: rows})
	return err
}

func (b *Bot) greeting(t *chat.Turn) chat.HTML {
	member := t.Speaker.Member
	switch {
	case member != nil:
		where := t.Text("home.member", chat.Args{"Clinic": member.ClinicName, "Name": member.Name, "Role": t.Text("role." + string(member.Role))})
		switch member.Access {
		case staff.AccessNone:
			return chat.Paragraphs(where, standingText(t))
		case staff.AccessRead:
			return chat.Paragraphs(where, standingText(t), t.Text("home.hint_desk"))
		}
		return chat.Paragraphs(where, t.Text("home.hint_desk"))
	case t.Speaker.Admin:
		return t.Text("home.admin")
	}
	return t.Text("home.stranger")
}

// homeRows are the buttons of what the speaker may do: the listed routes, two in
// a row, and the other clinics of who works in several.
func (b *Bot) homeRows(t *chat.Turn) [][]chat.Button {
	var buttons []chat.Button
	for _, route := range b.listed {
		if route.Name == "menu" || route.Name == "cancel" || !t.Speaker.May(route.Right) {
			continue
		}
		buttons = append(buttons, chat.Button{Label: t.Plain("button." + route.Name), Data: route.Name})
	}
	rows := chat.Columns(2, buttons)
	if len(t.Speaker.Memberships) > 1 {
		rows = append(rows, chat.Row(chat.Button{Label: t.Plain("button.clinic"), Data: "clinic"}))
	}
	return rows
}

func (b *Bot) help(ctx context.Context, t *chat.Turn, _ string) error {
	lines := []chat.HTML{b.helpText(t)}
	for _, route := range b.listed {
		if t.Speaker.May(route.Right) {
			lines = append(lines, t.Text("help.line", chat.Args{
				"Command": chat.Escape("/" + route.Name), "What": chat.HTML(t.Plain("command." + route.Name)),
			}))
		}
	}
	_, err := t.Show(ctx, chat.Screen{Text: chat.Lines(lines...), Rows: b.homeRows(t)})
	return err
}

func (b *Bot) helpText(t *chat.Turn) chat.HTML {
	switch {
	case t.Speaker.Member != nil && t.Speaker.Member.Access == staff.AccessNone:
		return standingText(t) + "\n"
	case t.Speaker.Member != nil:
		return t.Text("help.member")
	case t.Speaker.Admin:
		return t.Text("help.admin")
	}
	return t.Text("help.stranger")
}

func (b *Bot) cancel(ctx context.Context, t *chat.Turn, _ string) error {
	cancelled, err := b.forms.Cancel(ctx, t)
	if cancelled || err != nil {
		return err
	}
	_, err = t.Send(ctx, chat.Screen{Text: t.Text("home.nothing_to_cancel"), Rows: b.homeRows(t)})
	return err
}

func (b *Bot) resume(ctx context.Context, t *chat.Turn, _ string) error {
	resumed, err := b.forms.Resume(ctx, t)
	if resumed || err != nil {
		return err
	}
	return b.showHome(ctx, t)
}

// language offers the languages, or sets the one that was tapped. An open dialog
// goes on in the new language.
func (b *Bot) language(ctx context.Context, t *chat.Turn, chosen string) error {
	for _, lang := range chat.Languages() {
		if string(lang) != chosen {
			continue
		}
		if err := b.staff.SetLanguage(ctx, t.Speaker.TelegramID, chosen); err != nil {
			return err
		}
		t.Speaker.Language = chosen
		t.Locale = b.texts.In(lang)
		t.Banner = banner(t)
		if _, err := t.Show(ctx, chat.Screen{Text: t.Text("language.set")}); err != nil {
			return err
		}
		if _, shut, err := b.forms.Title(ctx, t); shut || err != nil {
			return err
		}
		_, err := b.forms.Resume(ctx, t)
		return err
	}
	var row []chat.Button
	for _, lang := range chat.Languages() {
		row = append(row, chat.Button{Label: b.texts.In(lang).Plain("language.name"), Data: chat.Data("language", string(lang))})
	}
	_, err := t.Show(ctx, chat.Screen{Text: t.Text("language.ask"), Rows: [][]chat.Button{row}})
	return err
}

// chooseClinic lists the clinics of who works in several, or moves to one.
func (b *Bot) chooseClinic(ctx context.Context, t *chat.Turn, chosen string) error {
	if id, err := strconv.ParseInt(chosen, 10, 64); err == nil {
		speaker, err := b.staff.ChooseClinic(ctx, t.Speaker, id)
		if errors.Is(err, staff.ErrNotFound) {
			return t.Decline(ctx, "clinic.not_yours")
		}
		if err != nil {
			return err
		}
		t.Speaker = speaker
		return b.showHome(ctx, t)
	}
	var rows [][]chat.Button
	for _, membership := range t.Speaker.Memberships {
		rows = append(rows, chat.Row(chat.Button{
			Label: t.Plain("clinic.choice", chat.Args{"Clinic": membership.ClinicName, "Role": t.Plain("role." + string(membership.Role))}),
			Data:  chat.Data("clinic", strconv.FormatInt(membership.ClinicID, 10)),
		}))
	}
	_, err := t.Show(ctx, chat.Screen{Text: t.Text("clinic.choose"), Rows: rows})
	return err
}

// showMenu gives the chat the command menu of the speaker's role and language,
// when that is not the one it has.
func (b *Bot) showMenu(ctx context.Context, t *chat.Turn) error {
	digest := b.menuDigest(t)
	if digest == t.Speaker.Menu {
		return nil
	}
	_, err := b.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{
		Commands: b.menuOf(t), Scope: &models.BotCommandScopeChat{ChatID: t.Speaker.TelegramID},
	})
	if err != nil {
		// The update has been answered; the next one tries again.
		b.log.WarnContext(ctx, "command menu not set", "error", err)
		return nil
	}
	return b.staff.SetMenu(ctx, t.Speaker.TelegramID, digest)
}

func (b *Bot) menuOf(t *chat.Turn) (commands []models.BotCommand) {
	for i, route := range b.listed {
		if t.Speaker.May(route.Right) {
			commands = append(commands, b.commands[t.Language][i])
		}
	}
	return commands
}

// menuDigest tells the speaker's menu from others. It is asked for with every update, the menu itself hardly ever.
func (b *Bot) menuDigest(t *chat.Turn) string {
	text := make([]byte, 0, 2<<10)
	for i, route := range b.listed {
		if t.Speaker.May(route.Right) {
			command := &b.commands[t.Language][i]
			text = append(append(text, command.Command...), ' ')
			text = append(append(text, command.Description...), '\n')
		}
	}
	sum := fnv.New64a()
	_, _ = sum.Write(text)
	return strconv.FormatUint(sum.Sum64(), 16)
}

// link is the deep link that opens the bot with a token.
func (b *Bot) link(token string) string {
	return "https://t.me/" + b.api.Me().Username + "?start=" + token
}
