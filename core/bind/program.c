/* program.c - aot.program: where this program and its scripts are. */
#include "core/bind/bind.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Pushes the path of the running executable, "" if the system does not tell, and the folder
 * above its own. */
static void push_executable(lua_State *L)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    size_t end = length > 0 && (size_t)length < sizeof path ? (size_t)length : 0;
    lua_pushlstring(L, path, end);
    for (int up = 0; up < 2; up++)
        while (end > 0 && path[--end] != '/')
            continue;
    lua_pushlstring(L, path, end);
}

/* Collects garbage, and gives what nothing uses back to the system: between the steps of the
 * compiler, whose garbage lies in pieces of other sizes than the next one needs. */
static int program_collect(lua_State *L)
{
    lua_gc(L, LUA_GCCOLLECT);
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
    return 0;
}

/* { path, root, version, collect }: the executable, the folder that holds lua, passes, targets and
 * runtime (of the installation, else of the sources it was built from), the version. */
int luaopen_aot_program(lua_State *L)
{
    lua_settop(L, 0);
    lua_createtable(L, 0, 4);
    lua_pushcfunction(L, program_collect);
    lua_setfield(L, 1, "collect");
    push_executable(L);
    lua_pushfstring(L, "%s/share/aotlua", lua_tostring(L, -1));
    lua_pushfstring(L, "%s/lua", lua_tostring(L, -1));
    if (is_folder(lua_tostring(L, -1)))
        lua_pushvalue(L, -2);
    else
        lua_pushliteral(L, AOT_SOURCE_FOLDER);
    lua_setfield(L, 1, "root");
    lua_settop(L, 2);
    lua_setfield(L, 1, "path");
    lua_pushstring(L, AOT_VERSION);
    lua_setfield(L, -2, "version");
    return 1;
}
