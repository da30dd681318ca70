# Types lines into an interactive zsh, each with a tab at its end, and prints what its terminal got.
#
#   zsh -f complete.zsh UNPACKED FUNCTIONS LINE...
#
# UNPACKED: the folder with zsh's package; FUNCTIONS: a folder with completions.
module_path=($1/usr/lib/*/zsh/*(/N))
zmodload zsh/zpty || exit 1
zpty shell "$1/run zsh -f -i"
# Wide, so that no line is broken. What is waited for is not what is typed.
zpty -w shell "stty cols 300; module_path=($1/usr/lib/*/zsh/*(/N)); fpath=($2 $1/usr/share/zsh/functions/**/*(/N)); \
PS1=; autoload -Uz compinit; compinit -u -D; print re''ady"
zpty -r shell seen '*ready*'
for line in "${@:3}"; do
  zpty -w -n shell "$line"$'\t'
  # The line becomes one that does nothing; its end is what the line editor shows, not the terminal's echo.
  zpty -w -n shell $'\C-a: \C-e #e\C-vnd\n'
  zpty -r shell seen '*#end*'
  print -r -- "=== $line"
  print -r -- "$seen"
done
zpty -d shell
