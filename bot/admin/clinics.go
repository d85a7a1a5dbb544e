package admin

import (
	"context"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/bot/overview"
	"vetalyze/internal/dialog"
	"vetalyze/internal/reference"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// What /clinics can do: "clinics", "clinics:list:<view>", "clinics:card:1f:<view>", "clinics:delete:1f".
const (
	actCard           = "card"
	actFilter         = "filter"
	actSearch         = "search"
	actEdit           = "edit"
	actLink           = "link"
	actTrace          = "trace"
	actDeactivate     = "deactivate"
	actDeactivateSure = "deactivate_sure"
	actReactivate     = "reactivate"
	actDelete         = "delete"
	actDeleteSure     = "delete_sure"
)

const (
	clinicsPerPage = 8
	formSearch     = "clinicsearch"
	fieldText      = "text"
)

// openClinics shows the list of clinics, searched for what follows the command, or does what a button under it asks for.
func (a *Admin) openClinics(ctx context.Context, t *chat.Turn, argument string) error {
	if t.Input.Tap == nil {
		return a.listClinics(ctx, t, searching(argument))
	}
	action, rest, _ := strings.Cut(argument, ":")
	switch action {
	case "":
		return a.listClinics(ctx, t, view{})
	case actList:
		return a.listClinics(ctx, t, readView(rest))
	case actFilter:
		return a.askFilter(ctx, t, readView(rest))
	case actSearch:
		return a.forms.Begin(ctx, t, formSearch, dialog.NewAnswers())
	}
	id, from, _ := strings.Cut(rest, ":")
	return a.onClinic(ctx, t, action, long(id), readView(from))
}

// Find shows the clinics that have a text in their name or their owner's, or its digits in the owner's phone.
func (a *Admin) Find(ctx context.Context, t *chat.Turn, typed string) error {
	return a.listClinics(ctx, t, searching(typed))
}

func (a *Admin) listClinics(ctx context.Context, t *chat.Turn, v view) error {
	screen, err := a.clinicsScreen(ctx, t, v)
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, screen)
	return err
}

// clinicsScreen shows a page of clinics: how many there are of each status, what was chosen, and a button each.
func (a *Admin) clinicsScreen(ctx context.Context, t *chat.Turn, v view) (chat.Screen, error) {
	page, err := a.subscriptions.ClinicPage(ctx, t.Speaker, subscription.Filter{Status: v.status, PlanID: v.plan, Text: v.text},
		v.at, clinicsPerPage)
	if err != nil {
		return chat.Screen{}, err
	}
	chosen, err := a.chosen(ctx, t, v)
	if err != nil {
		return chat.Screen{}, err
	}
	lines := []chat.HTML{}
	var buttons []chat.Button
	for _, clinic := range page.Clinics {
		lines = append(lines, clinicLines(t, clinic))
		buttons = append(buttons, chat.Button{Label: clip(clinic.Name, 30), Data: chat.Data(routeClinics, actCard, short(clinic.ID), v.data())})
	}
	if len(page.Clinics) == 0 {
		lines = append(lines, t.Text("admin.clinics.none"))
	}
	rows := chat.Columns(2, buttons)
	if pages := clinicsPages(t, v, page); pages != nil {
		rows = append(rows, pages)
	}
	return chat.Screen{
		Text: chat.Paragraphs(append([]chat.HTML{
			chat.Lines(t.Text("admin.clinics.title"), counters(t, page.Counts)), chosen,
		}, lines...)...),
		Rows: append(rows, a.clinicsControls(t, v)...),
	}, nil
}

// clinicsPages are the ways from one page to others.
func clinicsPages(t *chat.Turn, v view, page subscription.ClinicsPage) (row []chat.Button) {
	button := func(key string, at subscription.ClinicMark) chat.Button {
		to := v
		to.at = at
		return chat.Button{Label: t.Plain(key), Data: chat.Data(routeClinics, actList, to.data())}
	}
	if mark, ok := page.Earlier(); ok {
		row = append(row, button("admin.clinics.first", subscription.ClinicMark{}), button("admin.clinics.previous", mark))
	}
	if mark, ok := page.Later(); ok {
		row = append(row, button("admin.clinics.next", mark))
	}
	return row
}

// counters tells how many clinics there are of each status; of a status without any, nothing.
func counters(t *chat.Turn, counts map[staff.ClinicStatus]int) chat.HTML {
	var parts []chat.HTML
	for _, status := range shownStatuses {
		if counts[status] > 0 {
			parts = append(parts, t.Text("admin.clinics.counter", chat.Args{
				"Standing": t.Text("standing." + string(status)), "Number": counts[status],
			}))
		}
	}
	return chat.Lines(parts...)
}

// shownStatuses is the order in which statuses are told and offered.
var shownStatuses = []staff.ClinicStatus{
	staff.ClinicActive, staff.ClinicGrace, staff.ClinicSuspended, staff.ClinicScheduled, staff.ClinicEnded,
	staff.ClinicInactive, staff.ClinicDeactivated,
}

// clinicLines is a clinic on the list: who owns it, how it stands, its plan and the days left.
func clinicLines(t *chat.Turn, clinic subscription.ClinicRow) chat.HTML {
	args := chat.Args{
		"Name": clip(clinic.Name, 60), "Owner": clip(clinic.OwnerName, 60), "Standing": t.Text("standing." + string(clinic.Status)),
		"Plan": t.Choose(clinic.PlanEN, clinic.PlanAR), "Days": t.Text("age.days", chat.Args{"Count": clinic.DaysLeft}),
	}
	second := "admin.clinic.standing"
	switch {
	case clinic.TermID != 0 && clinic.DaysLeft > 0:
		second = "admin.clinics.line_days"
	case clinic.TermID != 0:
		second = "admin.clinics.line_term"
	}
	return chat.Lines(t.Text("admin.clinics.line", args), t.Text(second, args))
}

// chosen tells what the list is narrowed to.
func (a *Admin) chosen(ctx context.Context, t *chat.Turn, v view) (chat.HTML, error) {
	var parts []chat.HTML
	if v.text != "" {
		parts = append(parts, t.Text("admin.clinics.search_for", chat.Args{"Text": v.text}))
	}
	if v.status != "" {
		parts = append(parts, t.Text("standing."+string(v.status)))
	}
	if v.plan != 0 {
		plans, err := a.reference.Plans(ctx)
		if err != nil {
			return "", err
		}
		plan, _ := plans.ByID(v.plan)
		parts = append(parts, t.Text("admin.clinics.with_plan", chat.Args{"Plan": t.Choose(plan.NameEN, plan.NameAR)}))
	}
	if parts == nil {
		return "", nil
	}
	return "▸ " + chat.HTML(strings.Join(toStrings(parts), " · ")), nil
}

func toStrings(parts []chat.HTML) []string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = string(part)
	}
	return texts
}

func (a *Admin) clinicsControls(t *chat.Turn, v view) [][]chat.Button {
	v.at = subscription.ClinicMark{}
	rows := [][]chat.Button{{
		{Label: t.Plain("admin.clinics.filter"), Data: chat.Data(routeClinics, actFilter, v.data())},
		{Label: t.Plain("admin.clinics.search"), Data: chat.Data(routeClinics, actSearch)},
	}, {
		{Label: t.Plain("admin.clinics.by_end"), Data: chat.Data(routeExpiring, overview.All)},
		{Label: t.Plain("admin.clinics.month"), Data: routeChanges},
	}}
	if v != (view{}) {
		rows = append(rows, chat.Row(chat.Button{Label: t.Plain("admin.clinics.all"), Data: routeClinics}))
	}
	return rows
}

// askFilter offers the statuses and the plans to narrow the list to; a search stays.
func (a *Admin) askFilter(ctx context.Context, t *chat.Turn, v view) error {
	plans, err := a.reference.Plans(ctx)
	if err != nil {
		return err
	}
	to := func(label string, narrowed view) chat.Button {
		return chat.Button{Label: label, Data: chat.Data(routeClinics, actList, narrowed.data())}
	}
	var statuses, sold []chat.Button
	for _, status := range shownStatuses {
		statuses = append(statuses, to(t.Plain("standing."+string(status)), view{status: status, plan: v.plan, text: v.text}))
	}
	for _, plan := range plansToFilter(plans) {
		label := t.Plain("admin.clinics.with_plan", chat.Args{"Plan": clip(t.Choose(plan.NameEN, plan.NameAR), 30)})
		sold = append(sold, to(label, view{status: v.status, plan: plan.ID, text: v.text}))
	}
	rows := append(chat.Columns(2, statuses), chat.Columns(2, sold)...)
	_, err = t.Show(ctx, chat.Screen{
		Text: t.Text("admin.clinics.ask_filter"),
		Rows: append(rows, chat.Row(to(t.Plain("admin.clinics.every"), view{text: v.text}))),
	})
	return err
}

// plansToFilter is the plans by which clinics are looked for: those on sale, and some of the retired, which clinics go on
// having.
func plansToFilter(plans reference.Plans) reference.Plans {
	const most = 40
	chosen := plans.Offered()
	for _, plan := range plans {
		if plan.Retired {
			chosen = append(chosen, plan)
		}
	}
	return chosen[:min(most, len(chosen))]
}

// searchForm asks what to search for; its answer is the list.
func (a *Admin) searchForm() *form.Form {
	return &form.Form{
		Name: formSearch, Texts: "admin.clinic_search", Right: staff.RightManageClinics, Brief: true,
		Fields: []form.Field{{Name: fieldText, Accept: func(_ context.Context, s form.Step, typed string) error {
			v := searching(typed)
			if v.text == "" {
				return form.Refuse("invalid.text.empty", nil)
			}
			s.Item[fieldText] = v.text
			return nil
		}}},
		Save: func(ctx context.Context, t *chat.Turn, _ form.Key, answers dialog.Answers) (chat.Screen, error) {
			return a.clinicsScreen(ctx, t, searching(answers.Item[fieldText]))
		},
	}
}
