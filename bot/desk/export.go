package desk

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
	"vetalyze/internal/workbook"
)

// A file has so many owners at most, which keeps it, and what is held in memory for it, around ten megabytes; a clinic with
// more gets several. So many files are made at once, others wait for their turn.
const (
	ownersPerFile   = 50_000
	exportsAtOnce   = 2
	ownersPerReport = 10 * registry.ExportPage // after which the progress is told anew
)

// An export is a clinic's registry being taken out: the file in hand, and how far it has come.
type export struct {
	desk  *Desk
	turn  *chat.Turn
	by    staff.Member
	total int
	told  int // the message that tells the progress

	after        int64 // the last owner that is in a file
	owners, pets int   // that are
}

// openExport sends the clinic's owner all owners and pets, in a file that spreadsheets open.
func (d *Desk) openExport(ctx context.Context, t *chat.Turn, _ string) error {
	list, err := d.registry.OwnersPage(ctx, *t.Speaker.Member, registry.ListMark{})
	if err != nil {
		return err
	}
	if len(list.Owners) == 0 {
		return t.Decline(ctx, "desk.list.empty")
	}
	select {
	case d.exports <- struct{}{}:
		defer func() { <-d.exports }()
	case <-ctx.Done():
		return ctx.Err()
	}
	e := &export{desk: d, turn: t, by: *t.Speaker.Member, total: list.Total}
	if e.told, err = t.Send(ctx, chat.Screen{Text: t.Text("desk.export.begin")}); err != nil {
		return err
	}
	for number, more := 1, true; more; number++ {
		if more, err = e.sendFile(ctx, number); err != nil {
			return err
		}
	}
	t.Withdraw(ctx, e.told)
	d.log.InfoContext(ctx, "a clinic's registry was taken out",
		"clinic", e.by.ClinicID, "staff", e.by.StaffID, "owners", e.owners, "pets", e.pets)
	return nil
}

// sendFile makes the next file and sends it. It returns whether there may be more for another one.
func (e *export) sendFile(ctx context.Context, number int) (more bool, err error) {
	e.turn.Sending(ctx)
	var file bytes.Buffer
	owners, pets := e.owners, e.pets
	if more, err = e.write(ctx, &file); err != nil {
		return false, err
	}
	owners, pets = e.owners-owners, e.pets-pets
	if owners == 0 && number > 1 {
		return false, nil // the file before had the last of them
	}
	today := e.desk.today(e.turn)
	name := "vetalyze-" + today.Format(time.DateOnly)
	if number > 1 {
		name += "-" + strconv.Itoa(number)
	}
	return more, e.turn.UploadDocument(ctx, chat.Document{
		Name: name + ".xlsx", Data: file.Bytes(),
		Caption: e.turn.Text("desk.export.caption", chat.Args{
			"Clinic": e.by.ClinicName, "Day": e.turn.FullDay(today),
			"Owners": e.turn.Text("desk.export.owners", chat.Args{"Count": owners, "Number": grouped(owners)}),
			"Pets":   e.turn.Text("desk.export.pets", chat.Args{"Count": pets, "Number": grouped(pets)}),
		}),
	})
}

// write writes the owners that follow, as many as a file takes, and their pets.
func (e *export) write(ctx context.Context, file *bytes.Buffer) (more bool, err error) {
	w, err := workbook.New(file, e.book())
	if err != nil {
		return false, err
	}
	first := e.after
	if err := w.Next(); err != nil {
		return false, err
	}
	pages, more, err := e.writeOwners(ctx, w)
	if err != nil {
		return false, err
	}
	if err := w.Next(); err != nil {
		return false, err
	}
	if err := e.writePets(ctx, w, first, pages); err != nil {
		return false, err
	}
	return more, w.Close()
}

// writeOwners returns the last owner of each page, by which their pets are read again.
func (e *export) writeOwners(ctx context.Context, w *workbook.Writer) (pages []int64, more bool, err error) {
	for written := 0; written < ownersPerFile; {
		page, err := e.desk.registry.ExportOwners(ctx, e.by, e.after)
		if err != nil || len(page) == 0 {
			return pages, false, err
		}
		for _, owner := range page {
			cells, err := e.ownerCells(ctx, owner)
			if err == nil {
				err = w.Row(cells...)
			}
			if err != nil {
				return nil, false, err
			}
		}
		written += len(page)
		e.after, e.owners = page[len(page)-1].ID, e.owners+len(page)
		pages = append(pages, e.after)
		if e.owners%ownersPerReport == 0 {
			progress := e.turn.Text("desk.export.progress", chat.Args{"Done": grouped(e.owners), "Total": grouped(max(e.total, e.owners))})
			if e.told, err = e.turn.Replace(ctx, e.told, chat.Screen{Text: progress}); err != nil {
				return nil, false, err
			}
		}
	}
	return pages, true, nil
}

func (e *export) writePets(ctx context.Context, w *workbook.Writer, after int64, pages []int64) error {
	for _, last := range pages {
		pets, err := e.desk.registry.ExportPets(ctx, e.by, after, last)
		if err != nil {
			return err
		}
		for _, pet := range pets {
			cells, err := e.petCells(ctx, pet)
			if err == nil {
				err = w.Row(cells...)
			}
			if err != nil {
				return err
			}
		}
		after, e.pets = last, e.pets+len(pets)
	}
	return nil
}

// book says what stands in the file; ownerCells and petCells fill it in the same order.
func (e *export) book() workbook.Book {
	field := func(name string) string { return fieldLabel(e.turn.Locale, name) }
	own := func(name string) string { return e.turn.Plain("desk.export." + name) }
	return workbook.Book{RightToLeft: e.turn.RightToLeft(), Sheets: []workbook.Sheet{
		{Name: own("sheet_owners"), Columns: []workbook.Column{
			{Title: own("code"), Width: 10, Kind: workbook.Label},
			{Title: field(registry.ChangedName), Width: 28},
			{Title: field(registry.ChangedPhone), Width: 17, Kind: workbook.Label},
			{Title: field(registry.ChangedSecondPhone), Width: 17, Kind: workbook.Label},
			{Title: field(registry.ChangedChannel), Width: 18},
			{Title: field(registry.ChangedNote), Width: 40},
			{Title: own("registered"), Width: 12, Kind: workbook.Label},
			{Title: own("registered_by"), Width: 20},
		}},
		{Name: own("sheet_pets"), Columns: []workbook.Column{
			{Title: own("code"), Width: 10, Kind: workbook.Label},
			{Title: field(registry.ChangedName), Width: 18},
			{Title: own("owner_code"), Width: 13, Kind: workbook.Label},
			{Title: own("owner"), Width: 28},
			{Title: own("owner_phone"), Width: 17, Kind: workbook.Label},
			{Title: field(registry.ChangedSpecies), Width: 14},
			{Title: own("birth"), Width: 14, Kind: workbook.Label},
			{Title: field(registry.ChangedSex), Width: 10},
			{Title: field(registry.ChangedNeutered), Width: 14},
			{Title: field(registry.ChangedBreed), Width: 18},
			{Title: field(registry.ChangedColour), Width: 14},
			{Title: field(registry.ChangedMicrochip), Width: 18, Kind: workbook.Label},
			{Title: own("weight"), Width: 12, Kind: workbook.Number},
			{Title: field(registry.ChangedDeceased), Width: 14, Kind: workbook.Label},
			{Title: field(registry.ChangedAlert), Width: 30},
			{Title: field(registry.ChangedNote), Width: 40},
			{Title: own("registered"), Width: 12, Kind: workbook.Label},
			{Title: own("registered_by"), Width: 20},
		}},
	}}
}

func (e *export) ownerCells(ctx context.Context, owner registry.Owner) (cells []string, err error) {
	channel := ""
	if owner.ChannelID != 0 {
		channel, err = e.desk.channelName(ctx, e.turn, owner.ChannelID)
	}
	return []string{
		owner.Code, owner.Name, owner.Phone, owner.SecondPhone, channel, owner.Note, e.day(owner.RegisteredAt), owner.RegisteredBy,
	}, err
}

func (e *export) petCells(ctx context.Context, pet registry.PetCard) ([]string, error) {
	species, err := e.desk.speciesName(ctx, e.turn, pet.SpeciesID)
	birth, sex, spayed, weight, passedAway := "", "", "", "", ""
	if pet.Birth.Known() {
		birth = pet.Birth.String()
	}
	if pet.Sex != "" {
		sex = e.turn.Plain("desk.pet.sex." + string(pet.Sex))
	}
	if pet.Neutered != "" {
		spayed = neutered(e.turn.Locale, pet)
	}
	if pet.WeightGrams > 0 {
		weight = strconv.FormatFloat(float64(pet.WeightGrams)/1000, 'f', -1, 64)
	}
	if pet.Deceased() {
		passedAway = pet.DeceasedOn.Format(time.DateOnly)
	}
	return []string{
		pet.Code, pet.Name, pet.Owner.Code, pet.Owner.Name, pet.Owner.Phone, species, birth, sex, spayed, pet.Breed, pet.Colour,
		pet.Microchip, weight, passedAway, pet.Alert, pet.Note, e.day(pet.RegisteredAt), pet.RegisteredBy,
	}, err
}

// day is the date at the clinic, as every program sorts it.
func (e *export) day(at time.Time) string { return at.In(e.by.Zone()).Format(time.DateOnly) }
