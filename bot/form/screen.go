package form

import (
	"context"

	"vetalyze/bot/chat"
)

// screen draws the dialog as it stands: notices, what was answered so far, and
// the question with its buttons, or the summary with all of them.
func (w *walk) screen(ctx context.Context) (chat.Screen, error) {
	if w.dialog.Pending != nil {
		return w.decision(), nil
	}
	p := w.at()
	if field, ok := w.field(p); ok {
		return w.question(ctx, p, field)
	}
	if top, ok := find(w.form.Fields, p.field); ok && top.List != nil && p.index >= 0 {
		return w.itemMenu(ctx, p, top)
	}
	return w.summary(ctx)
}

// question asks one field.
func (w *walk) question(ctx context.Context, p place, field Field) (chat.Screen, error) {
	answers, err := w.answers(ctx)
	if err != nil {
		return chat.Screen{}, err
	}
	step := w.step(p)
	args := chat.Args{}
	if field.Args != nil {
		if args, err = field.Args(ctx, step); err != nil {
			return chat.Screen{}, err
		}
	}
	screen := chat.Screen{Text: chat.Paragraphs(
		w.head(),
		chat.Lines(answers...),
		chat.Lines(w.notices...),
		w.turn.Text(w.textKey(p)+".ask", args),
	)}
	if field.OwnContact {
		screen.AskContact = w.turn.Plain(w.textKey(p) + ".share")
		return screen, nil
	}
	if field.Choices != nil {
		choices, err := field.Choices(ctx, step)
		if err != nil {
			return chat.Screen{}, err
		}
		screen.Rows = w.choiceRows(field, choices)
	}
	rows, err := w.questionControls(ctx, p, field)
	screen.Rows = append(screen.Rows, rows...)
	return screen, err
}

func (w *walk) choiceRows(field Field, choices []Choice) [][]chat.Button {
	buttons := make([]chat.Button, 0, len(choices))
	for _, choice := range choices {
		buttons = append(buttons, w.button(choice.Label, actChoose, choice.Value))
	}
	if field.Columns == 0 {
		field.Columns = 2
	}
	return chat.Columns(field.Columns, buttons)
}

func (w *walk) questionControls(ctx context.Context, p place, field Field) (rows [][]chat.Button, err error) {
	open, err := w.next(ctx)
	if err != nil {
		return nil, err
	}
	answered := w.answered(p)
	switch {
	case field.Skippable && answered && open == summary:
		rows = append(rows, chat.Row(w.button(w.turn.Plain("form.clear"), actSkip, "")))
	case field.Skippable:
		rows = append(rows, chat.Row(w.button(w.turn.Plain(w.textKey(p)+".skip"), actSkip, "")))
	}
	if answered && open != summary {
		rows = append(rows, chat.Row(w.button(w.turn.Plain("form.keep"), actKeep, "")))
	}
	if top, _ := find(w.form.Fields, p.field); top.List != nil && open != summary && p.index >= top.List.Min && !w.extra(p) {
		rows = append(rows, chat.Row(w.button(w.turn.Plain(w.textKey(place{field: p.field, index: -1})+".drop"), actDrop, p.item().String())))
	}
	canGoBack, err := w.canGoBack(ctx)
	if err != nil {
		return nil, err
	}
	var last []chat.Button
	if canGoBack {
		last = append(last, w.button(w.turn.Plain("form.back"), actBack, ""))
	}
	last = append(last, w.button(w.turn.Plain("form.cancel"), actCancel, ""))
	return append(rows, last), nil
}

// itemMenu shows one item of a list with what can be changed about it.
func (w *walk) itemMenu(ctx context.Context, p place, top Field) (chat.Screen, error) {
	line, err := top.List.Line(ctx, w.step(p))
	if err != nil {
		return chat.Screen{}, err
	}
	var buttons []chat.Button
	for _, field := range top.List.Fields {
		at := place{field: p.field, index: p.index, sub: field.Name}
		applies, err := w.applies(ctx, at, field)
		if err != nil {
			return chat.Screen{}, err
		}
		if applies {
			buttons = append(buttons, w.button(w.turn.Plain("form.change", chat.Args{"Field": w.label(at)}), actEdit, at.String()))
		}
	}
	rows := chat.Columns(2, buttons)
	rows = append(rows, chat.Row(w.button(w.turn.Plain(w.textKey(place{field: p.field, index: -1})+".drop"), actDrop, p.String())))
	rows = append(rows, chat.Row(
		w.button(w.turn.Plain("form.back"), actBack, ""),
		w.button(w.turn.Plain("form.cancel"), actCancel, "")))
	return chat.Screen{
		Text: chat.Paragraphs(w.head(), chat.Escape(line), chat.Lines(w.notices...), w.turn.Text("form.what_to_change")),
		Rows: rows,
	}, nil
}

// summary shows every answer, each with a button that changes it, and Save.
func (w *walk) summary(ctx context.Context) (chat.Screen, error) {
	answers, err := w.answers(ctx)
	if err != nil {
		return chat.Screen{}, err
	}
	rows := [][]chat.Button{{w.button(w.turn.Plain(w.form.Texts+".save"), actSave, "")}}
	var changes []chat.Button
	for _, field := range w.form.Fields {
		at := place{field: field.Name, index: -1}
		applies, err := w.applies(ctx, at, field)
		if err != nil {
			return chat.Screen{}, err
		}
		switch {
		case !applies || field.Fixed || field.Hidden:
		case field.List != nil:
			items, add, err := w.listButtons(ctx, field)
			if err != nil {
				return chat.Screen{}, err
			}
			rows = append(rows, add...)
			changes = append(changes, items...)
		case w.dialog.Answers.Item[field.Name] == "":
			changes = append(changes, w.button(w.turn.Plain("form.add", chat.Args{"Field": w.label(at)}), actEdit, at.String()))
		default:
			changes = append(changes, w.button(w.turn.Plain("form.change", chat.Args{"Field": w.label(at)}), actEdit, at.String()))
		}
	}
	rows = append(rows, chat.Columns(2, changes)...)
	rows = append(rows, chat.Row(w.button(w.turn.Plain("form.cancel"), actCancel, "")))
	return chat.Screen{
		Text: chat.Paragraphs(w.head(), chat.Lines(answers...), chat.Lines(w.notices...), w.turn.Text(w.form.Texts+".confirm")),
		Rows: rows,
	}, nil
}

func (w *walk) listButtons(ctx context.Context, field Field) (items []chat.Button, add [][]chat.Button, err error) {
	count := len(w.dialog.Answers.Lists[field.Name])
	for i := range count {
		at := place{field: field.Name, index: i}
		name := w.step(at).Item[field.List.Fields[0].Name]
		items = append(items, w.button(w.turn.Plain("form.change_item", chat.Args{"Item": chat.Shorten(name, 30)}), actEdit, at.String()))
	}
	if count < field.List.Max {
		label := w.turn.Plain(w.form.Texts + "." + field.Name + ".add")
		add = append(add, chat.Row(w.button(label, actAdd, field.Name)))
	}
	return items, add, nil
}

// decision asks what to do with the open dialog when another form was asked for.
func (w *walk) decision() chat.Screen {
	return chat.Screen{
		Text: chat.Paragraphs(chat.Lines(w.notices...), w.turn.Text("form.unfinished", chat.Args{"Title": w.title()})),
		Rows: [][]chat.Button{
			{w.button(w.turn.Plain("form.resume"), actResume, "")},
			{w.button(w.turn.Plain("form.replace"), actReplace, "")},
		},
	}
}

// answers lists what was answered so far, a line each.
func (w *walk) answers(ctx context.Context) (lines []chat.HTML, err error) {
	for _, field := range w.form.Fields {
		at := place{field: field.Name, index: -1}
		if applies, err := w.applies(ctx, at, field); err != nil {
			return nil, err
		} else if !applies || field.Hidden {
			continue
		}
		if field.List == nil {
			value := w.dialog.Answers.Item[field.Name]
			if value == "" {
				continue
			}
			if field.Show != nil {
				if value, err = field.Show(ctx, w.step(at), value); err != nil {
					return nil, err
				}
			}
			if value != "" {
				lines = append(lines, w.turn.Text("form.answer", chat.Args{"Field": chat.HTML(w.label(at)), "Answer": value}))
			}
			continue
		}
		for i := range w.dialog.Answers.Lists[field.Name] {
			step := w.step(place{field: field.Name, index: i})
			if len(step.Item) == 0 {
				continue
			}
			line, err := field.List.Line(ctx, step)
			if err != nil {
				return nil, err
			}
			lines = append(lines, chat.Escape(line))
		}
	}
	return lines, nil
}

func (w *walk) head() chat.HTML { return chat.Bold(w.title()) }

func (w *walk) title() chat.HTML {
	key := "title"
	if w.form.Title != nil {
		key = w.form.Title(w.dialog.Answers)
	}
	return w.turn.Text(w.form.Texts + "." + key)
}

func (w *walk) label(p place) string { return w.turn.Plain(w.textKey(p) + ".label") }

// textKey is where the texts about a place are: "<form>.<field>" or
// "<form>.<list>.<field>".
func (w *walk) textKey(p place) string {
	key := w.form.Texts + "." + p.field
	if p.sub != "" {
		key += "." + p.sub
	}
	return key
}

func (w *walk) button(label, action, argument string) chat.Button {
	return chat.Button{Label: label, Data: data(w.dialog, action, argument)}
}
