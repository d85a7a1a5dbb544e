package admin

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/dialog"
	"vetalyze/internal/money"
	"vetalyze/internal/reference"
)

// What /plans can do: "plans", "plans:list:countries:2", "plans:show:species:7", "plans:retire:methods:3".
const (
	actList        = "list"
	actShow        = "show"
	actAdd         = "add"
	actChange      = "change"
	actRetire      = "retire"
	actRetireSure  = "retire_sure"
	actRestore     = "restore"
	entriesPerPage = 24
)

// lists are what /plans leads to, in the order of their buttons.
var lists = []reference.List{
	reference.ListPlans, reference.ListMethods, reference.ListCountries, reference.ListSpecies, reference.ListChannels,
}

// openPlans shows the plans and the other lists the forms choose from, or does what a button under them asks for.
func (a *Admin) openPlans(ctx context.Context, t *chat.Turn, argument string) error {
	parts := append(strings.SplitN(argument, ":", 3), "", "")
	action, list, id := parts[0], reference.List(parts[1]), parts[2]
	if action == "" || t.Input.Tap == nil {
		return a.showList(ctx, t, reference.ListPlans, 0)
	}
	switch action {
	case actList:
		page, _ := strconv.Atoi(id)
		return a.showList(ctx, t, list, page)
	case actAdd:
		return a.beginAdding(ctx, t, list)
	}
	entry, err := a.entry(ctx, list, id)
	if err != nil {
		return a.declineReference(ctx, t, err)
	}
	switch action {
	case actShow:
		return a.showEntry(ctx, t, list, entry)
	case actChange:
		return a.beginChanging(ctx, t, list, entry)
	case actRetire:
		return a.askToRetire(ctx, t, list, entry)
	case actRetireSure:
		return a.setRetired(ctx, t, list, id, true, "admin.reference.was_retired")
	case actRestore:
		return a.setRetired(ctx, t, list, id, false, "admin.reference.was_restored")
	}
	return t.Decline(ctx, "form.expired")
}

// entry finds one entry of a list as it is now.
func (a *Admin) entry(ctx context.Context, list reference.List, id string) (reference.Entry, error) {
	entries, err := a.reference.Entries(ctx, list)
	if err != nil {
		return reference.Entry{}, err
	}
	for _, entry := range entries {
		if entry.ID == id {
			return entry, nil
		}
	}
	return reference.Entry{}, reference.ErrNotFound
}

// showList shows a page of a list, a button an entry; of the plans also what they sell.
func (a *Admin) showList(ctx context.Context, t *chat.Turn, list reference.List, page int) error {
	entries, err := a.reference.Entries(ctx, list)
	if err != nil {
		return a.declineReference(ctx, t, err)
	}
	var lines []chat.HTML
	if list == reference.ListPlans {
		if lines, err = a.planLines(ctx, t); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		lines = append(lines, t.Text("admin.reference.none"))
	}
	page = min(max(page, 0), max(len(entries)-1, 0)/entriesPerPage)
	shown := entries[page*entriesPerPage : min(len(entries), (page+1)*entriesPerPage)]
	var buttons []chat.Button
	for _, entry := range shown {
		buttons = append(buttons, chat.Button{Label: entryLabel(t, entry), Data: chat.Data(routePlans, actShow, string(list), entry.ID)})
	}
	rows := [][]chat.Button{{{Label: t.Plain("admin.reference." + string(list) + ".add"), Data: chat.Data(routePlans, actAdd, string(list))}}}
	rows = append(rows, chat.Columns(2, buttons)...)
	if pages := pageRow(t, page, (len(entries)-1)/entriesPerPage, routePlans, actList, string(list)); pages != nil {
		rows = append(rows, pages)
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(t.Text("admin.reference."+string(list)+".title", chat.Args{"Number": len(entries)}), chat.Lines(lines...)),
		Rows: append(rows, otherLists(t, list)...),
	})
	return err
}

// pageRow leads to the pages before and after; nil where there are none.
func pageRow(t *chat.Turn, page, last int, data ...string) []chat.Button {
	to := func(page int) string {
		return chat.Data(data[0], append(data[1:len(data):len(data)], strconv.Itoa(page))...)
	}
	var row []chat.Button
	if page > 0 {
		row = append(row, chat.Button{Label: t.Plain("admin.page.before"), Data: to(page - 1)})
	}
	if page < last {
		row = append(row, chat.Button{Label: t.Plain("admin.page.next"), Data: to(page + 1)})
	}
	return row
}

// otherLists leads from one list to the others.
func otherLists(t *chat.Turn, here reference.List) [][]chat.Button {
	var buttons []chat.Button
	for _, list := range lists {
		if list != here {
			buttons = append(buttons, chat.Button{
				Label: t.Plain("admin.reference." + string(list) + ".open"), Data: chat.Data(routePlans, actList, string(list)),
			})
		}
	}
	return chat.Columns(2, buttons)
}

func (a *Admin) planLines(ctx context.Context, t *chat.Turn) (lines []chat.HTML, err error) {
	plans, err := a.reference.Plans(ctx)
	if err != nil {
		return nil, err
	}
	offered := plans.Offered()
	for _, plan := range offered[:min(entriesPerPage, len(offered))] {
		line, err := a.planLine(ctx, t, plan)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// planLine says what a plan sells: its name, price, days, accounts and grace.
func (a *Admin) planLine(ctx context.Context, t *chat.Turn, plan reference.Plan) (chat.HTML, error) {
	currency, err := a.currency(ctx, plan.Currency)
	if err != nil {
		return "", err
	}
	return t.Text("admin.plan.line", chat.Args{
		"Plan": t.Choose(plan.NameEN, plan.NameAR), "Price": t.Money(plan.PriceMinor, currency),
		"Days":     t.Text("age.days", chat.Args{"Count": plan.DurationDays}),
		"Accounts": t.Text("admin.accounts", chat.Args{"Count": plan.Accounts}),
		"Grace":    t.Text("age.days", chat.Args{"Count": plan.GraceDays}),
	}), nil
}

// currency finds a currency by its code; one that no country has counts as one of two decimals.
func (a *Admin) currency(ctx context.Context, code string) (money.Currency, error) {
	countries, err := a.reference.Countries(ctx)
	if err != nil {
		return money.Currency{}, err
	}
	for _, country := range countries {
		if country.Currency == code {
			return money.Currency{Code: code, Exponent: country.CurrencyExponent}, nil
		}
	}
	return money.Currency{Code: code, Exponent: 2}, nil
}

func entryLabel(t *chat.Turn, entry reference.Entry) string {
	label := strings.TrimSpace(entry.Emoji + " " + t.Choose(entry.NameEN, entry.NameAR))
	if entry.Retired {
		return t.Plain("admin.reference.retired_label", chat.Args{"Name": chat.HTML(label)})
	}
	return label
}

// showEntry shows one entry with what can be done about it.
func (a *Admin) showEntry(ctx context.Context, t *chat.Turn, list reference.List, entry reference.Entry) error {
	state := "admin.reference.state.offered"
	last := chat.Button{Label: t.Plain("admin.reference.retire"), Data: chat.Data(routePlans, actRetire, string(list), entry.ID)}
	if entry.Retired {
		state = "admin.reference.state.retired"
		last = chat.Button{Label: t.Plain("admin.reference.restore"), Data: chat.Data(routePlans, actRestore, string(list), entry.ID)}
	}
	var sells chat.HTML
	if id, err := strconv.Atoi(entry.ID); err == nil && list == reference.ListPlans {
		plans, err := a.reference.Plans(ctx)
		if err != nil {
			return err
		}
		plan, _ := plans.ByID(id)
		if sells, err = a.planLine(ctx, t, plan); err != nil {
			return err
		}
	}
	_, err := t.Show(ctx, chat.Screen{
		Text: chat.Lines(
			t.Text("admin.reference.card", chat.Args{"Emoji": chat.HTML(entry.Emoji), "English": entry.NameEN, "Arabic": entry.NameAR}),
			sells, t.Text(state)),
		Rows: [][]chat.Button{
			{{Label: t.Plain("admin.reference.change"), Data: chat.Data(routePlans, actChange, string(list), entry.ID)}, last},
			backToEntries(t, list),
		},
	})
	return err
}

func backToEntries(t *chat.Turn, list reference.List) []chat.Button {
	return chat.Row(chat.Button{Label: t.Plain("admin.reference." + string(list) + ".back"), Data: chat.Data(routePlans, actList, string(list))})
}

func (a *Admin) askToRetire(ctx context.Context, t *chat.Turn, list reference.List, entry reference.Entry) error {
	_, err := t.Show(ctx, chat.Screen{
		Text: t.Text("admin.reference.ask_retire", chat.Args{"Name": t.Choose(entry.NameEN, entry.NameAR)}),
		Rows: [][]chat.Button{
			{{Label: t.Plain("admin.reference.retire_sure"), Data: chat.Data(routePlans, actRetireSure, string(list), entry.ID)}},
			{{Label: t.Plain("form.back"), Data: chat.Data(routePlans, actShow, string(list), entry.ID)}},
		},
	})
	return err
}

func (a *Admin) setRetired(ctx context.Context, t *chat.Turn, list reference.List, id string, retired bool, done string) error {
	err := a.reference.SetRetired(ctx, t.Speaker, list, id, retired)
	if errors.Is(err, reference.ErrNotFound) {
		done = "admin.reference.was_done" // by another admin, or by this very tap before a crash
	} else if err != nil {
		return err
	}
	if err := t.Toast(ctx, t.Plain(done)); err != nil {
		return err
	}
	entry, err := a.entry(ctx, list, id)
	if err != nil {
		return a.declineReference(ctx, t, err)
	}
	return a.showEntry(ctx, t, list, entry)
}

func (a *Admin) beginAdding(ctx context.Context, t *chat.Turn, list reference.List) error {
	answers := dialog.NewAnswers()
	switch list {
	case reference.ListPlans:
		answers.Item[fieldGrace] = strconv.Itoa(usualGrace)
		return a.forms.Begin(ctx, t, formPlan, answers)
	case reference.ListCountries:
		return a.forms.Begin(ctx, t, formCountry, answers)
	case reference.ListMethods, reference.ListSpecies, reference.ListChannels:
		answers.Item[keyList] = string(list)
		return a.forms.Begin(ctx, t, formEntry, answers)
	}
	return t.Decline(ctx, "form.expired")
}

func (a *Admin) beginChanging(ctx context.Context, t *chat.Turn, list reference.List, entry reference.Entry) error {
	if list == reference.ListPlans {
		return a.beginChangingPlan(ctx, t, entry.ID)
	}
	answers := dialog.NewAnswers()
	answers.Item[keyList], answers.Item[keyID] = string(list), entry.ID
	answers.Item[fieldNameEN], answers.Item[fieldNameAR] = entry.NameEN, entry.NameAR
	if list != reference.ListCountries {
		answers.Item[fieldEmoji] = entry.Emoji
	}
	return a.forms.Begin(ctx, t, formEntry, answers)
}

// declineReference says what became of an entry that is not there.
func (a *Admin) declineReference(ctx context.Context, t *chat.Turn, err error) error {
	if errors.Is(err, reference.ErrNotFound) {
		return t.Decline(ctx, "admin.reference.gone")
	}
	return err
}

// refuseReference turns what the reference will not do into words; other errors stay.
func refuseReference(err error) error {
	for _, known := range []struct {
		err error
		key string
	}{
		{reference.ErrNameTaken, "admin.reference.name_taken"},
		{reference.ErrStale, "admin.reference.stale"},
		{reference.ErrUnfit, "admin.reference.unfit"},
		{reference.ErrNotFound, "admin.reference.gone"},
	} {
		if errors.Is(err, known.err) {
			return form.Refuse(known.key, nil)
		}
	}
	return err
}
