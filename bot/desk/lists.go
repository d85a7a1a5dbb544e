package desk

import (
	"context"
	"errors"
	"strconv"

	"vetalyze/bot/chat"
	"vetalyze/bot/form"
	"vetalyze/internal/reference"
	"vetalyze/internal/registry"
)

func (d *Desk) showOwner(ctx context.Context, s form.Step, id string) (string, error) {
	owner, err := d.ownerFrom(ctx, s.Turn, id)
	if errors.Is(err, registry.ErrNotFound) {
		return "", nil // deleted meanwhile; saving will say so
	}
	return owner.Name, err
}

func (d *Desk) channelChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	channels, err := d.reference.Channels(ctx)
	if err != nil {
		return nil, err
	}
	var choices []form.Choice
	for _, channel := range channels.Offered() {
		choices = append(choices, form.Choice{
			Value: strconv.Itoa(channel.ID), Label: label(channel.Emoji, s.Choose(channel.NameEN, channel.NameAR)),
		})
	}
	return choices, nil
}

func (d *Desk) showChannel(ctx context.Context, s form.Step, id string) (string, error) {
	channelID, err := strconv.Atoi(id)
	if err != nil {
		return "", err
	}
	return d.channelName(ctx, s.Turn, channelID)
}

func (d *Desk) channelName(ctx context.Context, t *chat.Turn, id int) (string, error) {
	channels, err := d.reference.Channels(ctx)
	if err != nil {
		return "", err
	}
	channel, _ := channels.ByID(id)
	return t.Choose(channel.NameEN, channel.NameAR), nil
}

// speciesButtons is how many species stand on buttons: the usual ones, and the
// last of the list, which stands for all others. Any of them can be typed.
const speciesButtons = 12

func (d *Desk) speciesChoices(ctx context.Context, s form.Step) ([]form.Choice, error) {
	species, err := d.reference.Species(ctx)
	if err != nil {
		return nil, err
	}
	offered := species.Offered()
	if len(offered) > speciesButtons {
		offered = append(offered[:speciesButtons-1:speciesButtons-1], offered[len(offered)-1])
	}
	var choices []form.Choice
	for _, kind := range offered {
		choices = append(choices, form.Choice{
			Value: strconv.Itoa(kind.ID), Label: label(kind.Emoji, s.Choose(kind.NameEN, kind.NameAR)),
		})
	}
	return choices, nil
}

func (d *Desk) showSpecies(ctx context.Context, s form.Step, id string) (string, error) {
	speciesID, err := strconv.Atoi(id)
	if err != nil {
		return "", err
	}
	return d.speciesName(ctx, s.Turn, speciesID)
}

func (d *Desk) speciesName(ctx context.Context, t *chat.Turn, id int) (string, error) {
	species, err := d.reference.Species(ctx)
	if err != nil {
		return "", err
	}
	kind, _ := species.ByID(id)
	return t.Choose(kind.NameEN, kind.NameAR), nil
}

func (d *Desk) showBirth(_ context.Context, s form.Step, kept string) (string, error) {
	birth, err := registry.ParseBirth(kept, d.today(s.Turn))
	if err != nil {
		return "", err
	}
	return d.ageAndBirth(s.Turn, birth), nil
}

// ageAndBirth tells the age, and the birthday from which it follows if one was typed; nothing of an unknown one.
func (d *Desk) ageAndBirth(t *chat.Turn, birth registry.Birth) string {
	age, known := birth.Age(d.today(t))
	switch {
	case !known:
		return ""
	case birth.Precision == registry.PrecisionEstimate:
		return ageInWords(t.Locale, age)
	}
	return t.Plain("desk.register.pets.born", chat.Args{
		"Age": chat.HTML(ageInWords(t.Locale, age)), "Birth": chat.HTML(birthInWords(t.Locale, birth)),
	})
}

// petName lets a question about a pet name it.
func petName(_ context.Context, s form.Step) (chat.Args, error) {
	return chat.Args{"Pet": s.Item[fieldName]}, nil
}

// petLine is a pet as the summary shows it: its name, and what is known so far.
func (d *Desk) petLine(ctx context.Context, s form.Step) (string, error) {
	speciesID, err := strconv.Atoi(s.Item[fieldSpecies])
	if err != nil { // the species has not been asked yet
		return s.Plain("desk.register.pets.name_only", chat.Args{"Pet": s.Item[fieldName]}), nil
	}
	birth := registry.Birth{}
	if kept := s.Item[fieldBirth]; kept != "" {
		if birth, err = registry.ParseBirth(kept, d.today(s.Turn)); err != nil {
			return "", err
		}
	}
	about, err := d.speciesName(ctx, s.Turn, speciesID)
	if err != nil {
		return "", err
	}
	if age := d.ageAndBirth(s.Turn, birth); age != "" {
		about += s.Plain("list.comma") + age
	}
	return s.Plain("desk.register.pets.line", chat.Args{
		"Pet": s.Item[fieldName], "About": chat.HTML(about), "Emoji": chat.HTML(d.emoji(ctx, speciesID)),
	}), nil
}

// emoji is the species' picture; a paw where there is none.
func (d *Desk) emoji(ctx context.Context, speciesID int) string {
	species, _ := d.reference.Species(ctx) // nobody is refused a screen for want of a picture
	return emojiAmong(species, speciesID)
}

func emojiAmong(species reference.SpeciesList, id int) string {
	if kind, ok := species.ByID(id); ok && kind.Emoji != "" {
		return kind.Emoji
	}
	return "🐾"
}

func label(emoji, name string) string {
	if emoji == "" {
		return name
	}
	return emoji + " " + name
}
