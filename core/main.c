/* main.c - the aotlua program: a Lua state with our modules, and aotlua.cli started in it. */
#include "core/bind/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <lua-lpeg.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { EXIT_IO = 4, EXIT_INTERNAL = 70 };

/* Collects when garbage is a third of the heap, not as much as it, and swiftly: for graphs of
 * many nodes that saves a quarter of all memory and costs no time. */
enum { GC_PAUSE = 130, GC_SPEED = 200 };

static const luaL_Reg modules[] = {
    { "aot.data", luaopen_aot_data },
    { "aot.emit", luaopen_aot_emit },
    { "aot.ir", luaopen_aot_ir },
    { "aot.json", luaopen_aot_json },
    { "aot.kernel", luaopen_aot_kernel },
    { "aot.plan", luaopen_aot_plan },
    { "aot.program", luaopen_aot_program },
    { "aot.system", luaopen_aot_system },
    { "lpeg", luaopen_lpeg },
};

/* Pieces of memory from so many bytes on are the system's own, to which each goes back when it is
 * no longer used; glibc would else keep more and more of them. */
enum { LARGE_PIECE = 128 * 1024 };

/* Debian's folders of Lua modules: only for the specs, which need busted. */
static const char *const spec_path = ";/usr/share/lua/5.4/?.lua;/usr/share/lua/5.4/?/init.lua";
static const char *const spec_cpath = "/usr/lib/" AOT_LUA_MODULES "/lua/5.4/?.so";

/* Scripts come from our folders and nowhere else, whatever the environment says. */
static void set_path(lua_State *L, bool specs)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "aot.program");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "root");
    const char *root = lua_tostring(L, -1);
    lua_getglobal(L, "package");
    lua_pushfstring(L, "%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua%s", root, root, root,
                    specs ? spec_path : "");
    lua_setfield(L, -2, "path");
    lua_pushstring(L, specs ? spec_cpath : "");
    lua_setfield(L, -2, "cpath");
    lua_pop(L, 3);
}

static void preload(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        lua_pushcfunction(L, modules[i].func);
        lua_setfield(L, -2, modules[i].name);
    }
    lua_pop(L, 1);
}

/* The global `arg` as the stand-alone Lua sets it: [0] is the program. */
static void set_arguments(lua_State *L, int count, char **arguments, const char *program)
{
    lua_createtable(L, count, 1);
    lua_pushstring(L, program);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < count; i++) {
        lua_pushstring(L, arguments[i]);
        lua_rawseti(L, -2, i + 1);
    }
}

/* aotlua --busted ...: runs specs inside this program. busted ends the process itself. */
static int run_specs(lua_State *L, int count, char **arguments)
{
    set_arguments(L, count, arguments, "busted");
    lua_setglobal(L, "arg");
    if (luaL_loadstring(L, "require(\"busted.runner\")({ standalone = false })") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 0);
    return EXIT_SUCCESS;
}

static int run_cli(lua_State *L, int count, char **arguments, const char *program)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "aotlua.cli");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "main");
    set_arguments(L, count, arguments, program);
    lua_call(L, 1, 1);
    return (int)luaL_checkinteger(L, -1);
}

/* Runs protected: argc and argv are at 1 and 2, the exit code is left. */
static int run(lua_State *L)
{
    int argc = (int)lua_tointeger(L, 1);
    char **argv = lua_touserdata(L, 2);
    bool specs = argc > 1 && strcmp(argv[1], "--busted") == 0;
    lua_pushboolean(L, true);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
    lua_gc(L, LUA_GCINC, GC_PAUSE, GC_SPEED, 0);
    luaL_openlibs(L);
    preload(L);
    set_path(L, specs);
    lua_pushinteger(L, specs ? run_specs(L, argc - 2, argv + 2)
                             : run_cli(L, argc > 0 ? argc - 1 : 0, argv + 1,
                                       argc > 0 ? argv[0] : "aotlua"));
    return 1;
}

static int add_traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* Bytes of a mapped file that are no more there: nothing can be done but to say so. */
static void lose_file(int number)
{
    static const char message[] =
        "aotlua: a file became shorter while it was read; is something writing to it?\n";
    (void)number;
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    _exit(EXIT_IO);
}

/* A standard stream that is closed must not become the next file that is opened. What is written
 * to it is refused: these are opened the wrong way round. */
static bool open_streams(void)
{
    int file;
    do
        file = open("/dev/null", O_RDONLY);
    while (file >= 0 && file <= STDERR_FILENO);
    return file < 0 || close(file) == 0;
}

/* What was printed and is still here; says so if any of it, now or earlier, found no place. */
static bool write_rest(void)
{
    const char *reason = fflush(stdout) != 0 ? strerror(errno) : "not all could be written";
    if (ferror(stdout))
        fprintf(stderr, "aotlua: standard output: %s\n", reason);
    return !ferror(stdout);
}

int main(int argc, char **argv)
{
    if (!open_streams())
        return EXIT_IO;
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_PIECE);
#endif
    (void)signal(SIGBUS, lose_file);
    (void)signal(SIGPIPE, SIG_IGN); /* what cannot be written is told by write() */
    (void)signal(SIGXFSZ, SIG_IGN);
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        fputs("aotlua: out of memory\n", stderr);
        return EXIT_INTERNAL;
    }
    lua_pushcfunction(L, add_traceback);
    lua_pushcfunction(L, run);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    int code = EXIT_INTERNAL;
    if (lua_pcall(L, 2, 1, 1) == LUA_OK)
        code = (int)lua_tointeger(L, -1);
    else
        fprintf(stderr, "aotlua: internal fault, a bug in aotlua or in a script: %s\n",
                lua_tostring(L, -1));
    if (code == EXIT_SUCCESS && !write_rest())
        code = EXIT_IO;
    lua_close(L);
    return code;
}
