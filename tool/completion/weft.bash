# bash completion of weft: commands, options, services, methods, and the fields
# of the arguments, from the IDL that --idl names. It asks `weft complete`.
_weft() {
    local -a found
    COMPREPLY=()
    mapfile -t found < <("${COMP_WORDS[0]}" complete \
        "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    if [[ ${found[0]-} == ":files" ]]; then
        local word=${COMP_WORDS[COMP_CWORD]}
        [[ $word == "=" ]] && word=
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
    fi
    compopt -o nospace 2>/dev/null
    # If there is only one candidate, bash closes the quotes, but the JSON
    # continues. A second candidate prevents that.
    if [[ ${#found[@]} -eq 1 && ${found[0]} == *[\{\[:\"]* ]]; then
        found+=("${found[0]}...")
    fi
    COMPREPLY=("${found[@]}")
}
complete -F _weft weft
