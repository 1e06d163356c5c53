module boucle.dev/go/boucle

go 1.19
